"""How statements are run: who commits, how long they may take, where COPY has its file."""
