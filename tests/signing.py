"""A client's own signature: keys of the test, tokens as CDS Hooks 2.0.1 has them."""

import json
import time
import uuid
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey


class Signer:
    """One client's key pair; `token` takes what a test wants to be wrong."""

    def __init__(self, issuer: str, kid: str = "key-1", alg: str = "ES384") -> None:
        self.issuer = issuer
        self.kid = kid
        self.alg = alg
        self.key: Key = (
            RSAKey.generate_key(2048, {"kid": kid})
            if alg[:2] in {"RS", "PS"}
            else ECKey.generate_key("P-384", {"kid": kid})
        )

    @property
    def jwks(self) -> str:
        return json.dumps({"keys": [{**self.key.as_dict(private=False), "kid": self.kid}]})

    def token(self, audience: Any, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": audience,
            "exp": now + 300,
            "iat": now,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        held = {name: value for name, value in said.items() if value is not None}
        whole = {"alg": self.alg, "kid": self.kid, **(header or {})}
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(kept, held, self.key, algorithms=[self.alg])

    def shared_secret(self, audience: str) -> str:
        """A token whose HMAC is keyed with what everybody may know: the public key's text."""
        key = OctKey.import_key(self.jwks.encode())
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": audience, "exp": now + 60, "iat": now, "jti": "x"}
        return jwt.encode({"alg": "HS256", "kid": self.kid}, claims, key, algorithms=["HS256"])
