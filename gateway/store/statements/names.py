"""Statements on how names compare and sound."""

STATEMENTS = {
    "words_after": "SELECT id, text, folded FROM word WHERE id > ? ORDER BY id LIMIT ?",
    "word_fold": "UPDATE word SET folded = ? WHERE id = ?",
    "word_fold_long": "UPDATE word SET folded = ? WHERE text = ? AND folded <> ?",
    "sounds_after": """
        SELECT s.sound, s.word, w.text FROM sound s JOIN word w ON w.id = s.word
        WHERE (s.sound, s.word) > (?, ?) ORDER BY s.sound, s.word LIMIT ?""",
    "sound_drop": "DELETE FROM sound WHERE sound = ? AND word = ?",
}
