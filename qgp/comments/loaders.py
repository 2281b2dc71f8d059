"""Loaders of comments and mentions."""

from qgp.comments.model import Comment, CommentMention
from qgp.comments.policy import READ, READ_MENTIONS
from qgp.kit.loader import Register, one

comment_by_id = one(Comment, READ)
comment_mention_by_id = one(CommentMention, READ_MENTIONS)

comments = Register(Comment, READ, ("created_at",))
comment_mentions = Register(CommentMention, READ_MENTIONS, ("created_at",))
