"""Small parts that every page is made of. They know the theme's roles and nothing of projects."""
