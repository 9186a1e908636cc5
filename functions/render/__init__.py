"""Facts in, charts out. Matplotlib is settled here, before any module of this package can import it."""

from functions.render.quietly import settle

settle()
