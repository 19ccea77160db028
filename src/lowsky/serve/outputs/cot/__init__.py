"""Output "cot": the picture to TAK clients and servers, over UDP, as a client of a server, or as a small server."""
