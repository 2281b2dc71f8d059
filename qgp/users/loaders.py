"""Loaders and register of users."""

from qgp.kit.loader import Register, one
from qgp.users.model import User
from qgp.users.policy import READ

user_by_id = one(User, READ)
user_by_email = one(User, READ, by=User.email, example="eva@example.com")

users = Register(User, READ, ("name",))
