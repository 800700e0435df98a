"""What kernels must know of the device when they are compiled; without Taichi, so that anybody may import it."""


class Loops:
    """How loops are compiled, set by engine.device.

    serial: kernels say `ti.loop_config(serialize=LOOPS.serial)` before the outermost. With one render thread they run
    in the calling one. Taichi otherwise hands every loop to another thread, 40 context switches a frame that each wait
    for their turn beside a busy encoder (720p: an export takes 1.33 instead of 1.41 times what ffmpeg takes alone). The
    numbers are the same.

    partial: a kernel may write a part of an array and leave the rest. A GPU gets the old content only of an array that
    the kernel reads, and gives all of it back: there a kernel that writes a part must read that part first.
    """

    serial = False
    partial = True


LOOPS = Loops()
