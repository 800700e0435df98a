"""What is laid over the finished picture: words, lyrics, pictures, a progress bar. Pillow draws it, numpy blends it."""
