"""The past: pictures and timelines out of the recording, made in a process of their own."""
