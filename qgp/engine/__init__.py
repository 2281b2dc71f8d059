"""How reads are executed fast: what fields declare, compiled to SQL that writes JSON."""
