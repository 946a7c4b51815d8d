"""Executes a notebook without Jupyter: cells in order, in one namespace, in the notebook's folder.

``python python/tests/notebook.py NOTEBOOK`` writes the outputs into it.
"""

import ast
import contextlib
import io
import json
import os
import sys
from pathlib import Path


def execute(path):
    """Outputs of each cell of code, in the notebook format."""
    cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    namespace = {"__name__": "__main__"}
    with contextlib.chdir(Path(path).parent):
        return [_outputs("".join(cell["source"]), namespace) for cell in cells if cell["cell_type"] == "code"]


def _outputs(source, namespace):
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), namespace)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace) if last is not None else None
    outputs = []
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if value is not None:
        data = {"text/html": value._repr_html_()}
        outputs.append({"data": data, "execution_count": None, "metadata": {}, "output_type": "execute_result"})
    return outputs


def main(path):
    """Writes the outputs into the notebook."""
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, (cell, outputs) in enumerate(zip(code, execute(path), strict=True), 1):
        for output in outputs:
            output |= {"execution_count": number} if "execution_count" in output else {}
        cell |= {"execution_count": number, "outputs": outputs}
    Path(path).write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
