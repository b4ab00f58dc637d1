"""Statements on jobs, their files and what they could not do."""

_JOB = """id, name, kind, campus, token, actor, request, state, cursor, done, total, result,
          created, finished, attempts, term, until"""

STATEMENTS = {
    "job_add": """
        INSERT INTO job (name, kind, campus, token, actor, request, state, cursor, done, total,
                         result, created, attempts, term, until)
        VALUES (?, ?, ?, ?, ?, ?, 0, '', 0, 0, '', ?, 0, 0, 0)""",
    "job_named": f"SELECT {_JOB} FROM job WHERE name = ?",
    "job": f"SELECT {_JOB} FROM job WHERE id = ?",
    "jobs": f"SELECT {_JOB} FROM job ORDER BY id DESC LIMIT ?",
    "jobs_open": f"SELECT {_JOB} FROM job WHERE state < 2 ORDER BY id",
    "jobs_open_of": "SELECT count(*) FROM job WHERE state < 2 AND token = ? AND campus = ?",
    "jobs_figures": "SELECT kind, state, count(*) FROM job GROUP BY kind, state",
    # The term in which a job runs: whoever runs it writes only while it is still his.
    "job_term": "SELECT term FROM job WHERE id = ? AND state = 1",
    "job_cursor": "SELECT cursor FROM job WHERE id = ?",
    "job_take_term": "SELECT term FROM job WHERE id = ? AND state < 2",
    "job_take": """
        UPDATE job SET state = 1, term = term + 1, until = ?, attempts = attempts + 1
        WHERE id = ?""",
    "job_keep": """
        UPDATE job SET until = ?, done = ?, total = ? WHERE id = ? AND term = ? AND state = 1""",
    "job_save": """
        UPDATE job SET cursor = ?, done = ?, total = ?, until = ?, attempts = 0 WHERE id = ?""",
    "job_progress": "UPDATE job SET done = ?, total = ? WHERE id = ?",
    "job_end": "UPDATE job SET state = ?, result = ?, finished = ?, until = 0 WHERE id = ?",
    "job_cancel": """
        UPDATE job SET state = 4, finished = ?, until = 0 WHERE id = ? AND state < 2""",
    "job_put_away": "UPDATE job SET state = 4 WHERE id = ? AND state >= 2",
    "jobs_expired": """
        SELECT id FROM job WHERE state >= 2 AND finished < ? ORDER BY id LIMIT ?""",
    "jobs_cancelled": """
        SELECT DISTINCT j.id FROM job j JOIN job_file f ON f.job = j.id WHERE j.state = 4
        ORDER BY j.id LIMIT ?""",
    "job_drop": "DELETE FROM job WHERE id = ?",
    "job_files_drop": "DELETE FROM job_file WHERE job = ?",
    "job_issues_drop": "DELETE FROM job_issue WHERE job = ?",
    "job_file_add": """
        INSERT INTO job_file (job, name, part, type, about, count, size, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
    # The same for a job that is made in the same batch, by its name.
    "job_file_of": """
        INSERT INTO job_file (job, name, part, type, about, count, size, digest)
        SELECT id, ?, ?, ?, ?, ?, ?, ? FROM job WHERE name = ?""",
    "job_files": """
        SELECT name, part, type, about, count, size, digest FROM job_file WHERE job = ?
        ORDER BY id""",
    "job_file": """
        SELECT f.type, f.size, f.digest FROM job_file f
        WHERE f.job = ? AND f.name = ? AND f.part <> 'input'""",
    "job_issue_add": "INSERT INTO job_issue (job, about, count, lines) VALUES (?, ?, ?, ?)",
    "job_issues": """
        SELECT id, about, count, lines FROM job_issue WHERE job = ? AND id > ?
        ORDER BY id LIMIT ?""",
    "job_issues_count": "SELECT coalesce(sum(count), 0) FROM job_issue WHERE job = ?",
}
