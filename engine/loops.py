"""How kernels run their loops, known when they are compiled; without Taichi, so that anybody may import it."""


class Loops:
    """How the outermost loops of kernels are compiled: kernels say `ti.loop_config(serialize=LOOPS.serial)`.

    With one render thread they run in the calling one. Taichi otherwise hands every loop to another thread, 40 context
    switches a frame that each wait for their turn beside a busy encoder (720p: export in 1.33 instead of 1.41 times
    what ffmpeg takes alone). The numbers are the same.
    """

    serial = False


LOOPS = Loops()
