draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
// Paper has its own colours and width, which only hold while it is printed on.
matchMedia('print').addEventListener('change', draw);
