"""CAPAs: corrective and preventive action with root cause analysis and effectiveness review."""
