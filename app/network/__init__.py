"""Shared by all servers: sockets, connections, host names, limits and shutdown."""
