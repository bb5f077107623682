"""How contenders train: modules with `train(task, **options)` that only their own process imports."""
