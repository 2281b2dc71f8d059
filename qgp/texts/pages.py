"""Pages of the frontend that messages and calendars link to, as paths below APP_URL."""

RECORD_PAGE = "/records"  # followed by the id of a record
NOTIFICATIONS_PAGE = "/notifications"
PREFERENCES_PAGE = "/settings/notifications"
INVITATION_PAGE = "/invitation"
PASSWORD_RESET_PAGE = "/password-reset"  # noqa: S105 - a page of the frontend
