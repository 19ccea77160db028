"""Small dense linear algebra for kernels, written out because `np.linalg` inside a kernel needs scipy.

Sizes are at most 6, so plain loops win over any library call. All arrays are float64. Only lower triangles of
symmetric matrices are read; results are symmetric to the bit.
"""

from __future__ import annotations

from .borrow import bare


@bare
def cholesky(a, n):
    """Replace the leading n x n lower triangle of symmetric `a` by its Cholesky factor L, a = L L'.

    Returns False, with `a` spoilt, if a pivot is not positive. Golub and Van Loan, algorithm 4.2.1.
    """
    for j in range(n):
        d = a[j, j]
        for k in range(j):
            d -= a[j, k] * a[j, k]
        if not d > 0.0:
            return False
        d = d**0.5
        a[j, j] = d
        for i in range(j + 1, n):
            s = a[i, j]
            for k in range(j):
                s -= a[i, k] * a[j, k]
            a[i, j] = s / d
    return True


@bare
def forward_solve(l, b, n):
    """Replace b (n,) by L^-1 b for lower triangular l (n, n)."""
    for i in range(n):
        s = b[i]
        for k in range(i):
            s -= l[i, k] * b[k]
        b[i] = s / l[i, i]


@bare
def forward_solve_rows(l, b, n, columns):
    """Replace b (n, columns) by L^-1 b for lower triangular l (n, n)."""
    for i in range(n):
        for c in range(columns):
            s = b[i, c]
            for k in range(i):
                s -= l[i, k] * b[k, c]
            b[i, c] = s / l[i, i]


@bare
def inverse_from_cholesky(l, out, n):
    """Write (L L')^-1 into `out` (n, n); l is left alone."""
    for c in range(n):
        for i in range(n):
            s = 1.0 if i == c else 0.0
            for k in range(i):
                s -= l[i, k] * out[k, c]
            out[i, c] = s / l[i, i]
        for i in range(n - 1, -1, -1):
            s = out[i, c]
            for k in range(i + 1, n):
                s -= l[k, i] * out[k, c]
            out[i, c] = s / l[i, i]
