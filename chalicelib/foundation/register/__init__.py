"""The compiled processing register: types, look-up, policy texts and the row index."""
