package io.axolotl.server.api;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The border between protobuf's byte strings and our arrays, without copies where there is no need for one. By the
 * convention of commands and results nobody writes to a shared array.
 */
final class ByteArrays {
    static final byte[] EMPTY = new byte[0];

    private ByteArrays() {}

    static ByteString wrap(byte[] bytes) {
        return bytes.length == 0 ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(bytes);
    }

    /** The array behind {@code bytes} if it is exactly that array, as it is in every parsed message; else a copy. */
    static byte[] unwrap(ByteString bytes) {
        if (bytes.isEmpty()) {
            return EMPTY;
        }
        WholeArray output = new WholeArray(bytes.size());
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, output);
        } catch (IOException e) {
            throw new AssertionError("a byte string in memory failed to be read", e);
        }
        return output.array();
    }

    /** Keeps the one array it is shown, or gathers pieces into a new one. */
    private static final class WholeArray extends ByteOutput {
        private final int size;
        private byte[] array = EMPTY;
        private int filled;

        WholeArray(int size) {
            this.size = size;
        }

        byte[] array() {
            return array;
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            if (offset == 0 && length == size && value.length == size) {
                array = value;
            } else {
                write(value, offset, length);
            }
        }

        @Override
        public void write(byte value) {
            gathering()[filled++] = value;
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            System.arraycopy(value, offset, gathering(), filled, length);
            filled += length;
        }

        @Override
        public void write(ByteBuffer value) {
            int length = value.remaining();
            value.get(gathering(), filled, length);
            filled += length;
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            write(value);
        }

        private byte[] gathering() {
            if (array.length != size) {
                array = new byte[size];
            }
            return array;
        }
    }
}
