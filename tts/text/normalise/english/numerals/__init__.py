"""Numbers as they are written: grouped, in context, plural, Roman, scores."""
