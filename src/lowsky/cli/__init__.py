"""The command `lowsky`: one module a command, each thin: it reads arguments, calls the other rooms, prints."""
