"""Fast execution of reads: declarations of fields, compiled to SQL that writes JSON."""
