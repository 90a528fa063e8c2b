"""Mathematics, chemistry and their symbols."""
