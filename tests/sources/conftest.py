from hypothesis import settings

# Examples write files: how long one takes says nothing.
settings.register_profile("files", deadline=None)
settings.load_profile("files")
