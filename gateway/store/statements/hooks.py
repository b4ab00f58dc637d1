"""Statements on CDS clients: whose keys are trusted, and which of their tokens were used."""

STATEMENTS = {
    "cds_clients": """
        SELECT id, campus, issuer, jwks, ids, created, revoked FROM cds_client ORDER BY id""",
    # An issuer that was revoked may be registered anew.
    "cds_client_add": """
        INSERT INTO cds_client (campus, issuer, jwks, ids, created) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (issuer) DO UPDATE SET campus = excluded.campus, jwks = excluded.jwks,
            ids = excluded.ids, created = excluded.created, revoked = NULL
        WHERE cds_client.revoked IS NOT NULL""",
    "cds_client_revoke": "UPDATE cds_client SET revoked = ? WHERE id = ? AND revoked IS NULL",
    # Whose call stands is who came first: all processes agree.
    "cds_jti_use": """
        INSERT INTO cds_jti (issuer, jti, expires, call) VALUES (?, ?, ?, ?)
        ON CONFLICT (issuer, jti) DO NOTHING""",
    "cds_jti_call": "SELECT call FROM cds_jti WHERE issuer = ? AND jti = ?",
    "cds_jti_expired": "DELETE FROM cds_jti WHERE expires < ?",
}
