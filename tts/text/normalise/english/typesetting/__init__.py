"""What a printed page has: notes, citations, broken lines, phonetic notation."""
