"""Corrective and preventive actions: why it happened, what is done, whether it worked."""
