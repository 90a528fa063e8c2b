"""What every server of ours shares: sockets, connections, hosts, limits and shutdown."""
