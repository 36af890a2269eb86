from notes.auth.aliases import *
