"""Transcripts as the documents that libraries, archives and editors read: hOCR, ALTO, PAGE and searchable PDF."""
