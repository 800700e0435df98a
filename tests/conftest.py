"""What holds for every test."""

from hypothesis import settings

# No test measures time: a busy machine must not fail one. The examples are the same in every run: a change is judged by
# what it changed, not by luck. `pytest --hypothesis-profile=explore` looks for new ones, as the nightly run does.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("steady")
