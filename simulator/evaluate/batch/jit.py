"""Compilation with numba where it is installed (the extra `speed`), and the instructions it lacks. Without it all stays Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from simulator.evaluate.batch.arrays import Array

Function = TypeVar("Function", bound=Callable[..., Any])

if TYPE_CHECKING:
    COMPILES = True

    def jit(function: Function) -> Function:
        """Compile a function."""
        return function

    def forced(function: Function) -> Function:
        """Compile a function, and have the machine code of those that call it hold it: for functions with several ends."""
        return function

    def inline(function: Function) -> Function:
        """Compile a function into each of those that call it."""
        return function

    def below(keys: Array, row: Any, point: Any) -> int:
        """How many of the 16 keys of a row are below a point."""
        return int((keys[row] < point).sum())

    def ones(word: Any) -> int:
        """How many bits of a uint64 are set."""
        return int(word).bit_count()

    def inside(blocks: Array, row: Any, point: Any) -> int:
        """Which of 16 intervals hold a point, as bits: their lows are a row, their spans the next."""
        return int(np.packbits((np.uint32(point) - blocks[row]) <= blocks[row + 1], bitorder="little").view("<u2")[0])

else:
    try:
        from llvmlite import ir
        from numba import njit, types
        from numba.core import cgutils
        from numba.core.options import DefaultOptions
        from numba.extending import intrinsic
    except ImportError:
        COMPILES = False

        def jit(function):
            """Leave a function as it is."""
            return function

        forced = inline = jit

        def below(keys, row, point):
            """How many of the 16 keys of a row are below a point."""
            return int((keys[row] < point).sum())

        def ones(word):
            """How many bits of a uint64 are set."""
            return int(word).bit_count()

        def inside(blocks, row, point):
            """Which of 16 intervals hold a point, as bits: their lows are a row, their spans the next."""
            return int(np.packbits((np.uint32(point) - blocks[row]) <= blocks[row + 1], bitorder="little").view("<u2")[0])

    else:
        COMPILES = True
        # Nothing is allocated in compiled code, and counting the references to arrays at each call cost four fifths of the time.
        options = {"cache": True, "nogil": True, "error_model": "numpy"} | ({"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {})
        jit, inline, forced = njit(**options), njit(inline="always", **options), njit(forceinline=True, **options)

        @intrinsic
        def below(typing_context, keys, row, point):  # noqa: ARG001 - every intrinsic has it
            """How many of the 16 keys of a row are below a point: a comparison of vectors and a population count. numba makes neither
            out of a loop, and a branch or a search costs several times as much.
            """
            if not (isinstance(keys, types.Array) and keys.dtype == types.uint32 and keys.ndim == 2 and keys.layout == "C"):
                return None

            def code(context, builder, signature, arguments):
                rows, number, wanted = arguments
                array = context.make_array(signature.args[0])(context, builder, rows)
                number = builder.sext(number, ir.IntType(64)) if number.type.width < 64 else number
                word, lanes = ir.IntType(32), ir.VectorType(ir.IntType(32), 16)
                wanted = builder.trunc(wanted, word) if wanted.type.width > 32 else wanted
                place = builder.gep(array.data, [builder.mul(number, ir.Constant(ir.IntType(64), 16))])
                line = builder.load(builder.bitcast(place, lanes.as_pointer()), align=4)
                one = builder.insert_element(ir.Constant(lanes, ir.Undefined), wanted, ir.Constant(word, 0))
                everywhere = builder.shuffle_vector(one, ir.Constant(lanes, ir.Undefined), ir.Constant(ir.VectorType(word, 16), [0] * 16))
                mask = builder.bitcast(builder.icmp_unsigned("<", line, everywhere), ir.IntType(16))
                count = builder.call(
                    cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(16), [ir.IntType(16)]), "llvm.ctpop.i16"),
                    [mask],
                )
                return builder.zext(count, ir.IntType(64))

            return types.int64(keys, row, point), code

        @intrinsic
        def ones(typing_context, word):  # noqa: ARG001 - every intrinsic has it
            """How many bits of a uint64 are set."""
            if word != types.uint64:
                return None

            def code(context, builder, signature, arguments):  # noqa: ARG001 - so are they called
                size = ir.IntType(64)
                count = cgutils.get_or_insert_function(builder.module, ir.FunctionType(size, [size]), "llvm.ctpop.i64")
                return builder.call(count, arguments)

            return types.int64(word), code

        @intrinsic
        def inside(typing_context, blocks, row, point):  # noqa: ARG001 - every intrinsic has it
            """Which of 16 intervals hold a point, as bits: two loads, a subtraction and a comparison, all of vectors."""
            if not (isinstance(blocks, types.Array) and blocks.dtype == types.uint32 and blocks.ndim == 2 and blocks.layout == "C"):
                return None

            def code(context, builder, signature, arguments):
                rows, number, wanted = arguments
                array = context.make_array(signature.args[0])(context, builder, rows)
                word, long = ir.IntType(32), ir.IntType(64)
                lanes = ir.VectorType(word, 16)
                number = builder.sext(number, long) if number.type.width < long.width else number
                wanted = builder.trunc(wanted, word) if wanted.type.width > word.width else wanted
                begin = builder.gep(builder.bitcast(array.data, lanes.as_pointer()), [number])
                low, span = builder.load(begin, align=4), builder.load(builder.gep(begin, [ir.Constant(long, 1)]), align=4)
                one = builder.insert_element(ir.Constant(lanes, ir.Undefined), wanted, ir.Constant(word, 0))
                everywhere = builder.shuffle_vector(one, ir.Constant(lanes, ir.Undefined), ir.Constant(ir.VectorType(word, 16), [0] * 16))
                holds = builder.icmp_unsigned("<=", builder.sub(everywhere, low), span)
                return builder.zext(builder.bitcast(holds, ir.IntType(16)), long)

            return types.int64(blocks, row, point), code


@inline
def lowest(word: Any) -> Any:
    """The number of the lowest bit of a word that is set; the word is not 0. (The count of zeros that there is for this crashed, declared
    wrongly, the interpreter.)
    """
    bits = np.uint64(word)
    return np.int64(ones((bits & (~bits + np.uint64(1))) - np.uint64(1)))
