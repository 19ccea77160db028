"""Formats: bytes and files to reports, pictures to bytes and files. One module or package a format, no sockets."""
