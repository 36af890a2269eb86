"""An administration of database tables, mounted below an application; open without an authentication backend."""

from sqladmin.application import Admin
