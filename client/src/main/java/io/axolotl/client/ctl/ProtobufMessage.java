package io.axolotl.client.ctl;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.axolotl.client.Bytes;
import io.axolotl.client.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * A message of Protocol Buffers under way: fields in the order in which they are given, which is that of their numbers; zeros,
 * empty texts and false are left out, as proto3 does. Confined to one thread.
 */
record ProtobufMessage(CodedOutputStream out) {
    private static final int HEADER = 1;

    /** The fields of one message. */
    interface Body {
        void write(ProtobufMessage message) throws IOException;
    }

    static byte[] encoded(Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        body.write(new ProtobufMessage(out));
        out.flush();
        return bytes.toByteArray();
    }

    void number(int field, long number) throws IOException {
        if (number != 0) {
            out.writeUInt64(field, number);
        }
    }

    void flag(int field, boolean flag) throws IOException {
        if (flag) {
            out.writeBool(field, true);
        }
    }

    void bytes(int field, Bytes bytes) throws IOException {
        if (!bytes.isEmpty()) {
            out.writeByteArray(field, bytes.toByteArray());
        }
    }

    void text(int field, String text) throws IOException {
        if (!text.isEmpty()) {
            out.writeString(field, text);
        }
    }

    void texts(int field, List<String> texts) throws IOException {
        for (String text : texts) {
            out.writeString(field, text);
        }
    }

    /** There even if it is empty. */
    void message(int field, Body body) throws IOException {
        out.writeBytes(field, ByteString.copyFrom(encoded(body)));
    }

    /** As the field that every response has. */
    void header(Header header) throws IOException {
        message(HEADER, inner -> headerFields(inner, header));
    }

    static void headerFields(ProtobufMessage message, Header header) throws IOException {
        message.number(1, header.clusterId());
        message.number(2, header.memberId());
        message.number(3, header.revision());
        message.number(4, header.raftTerm());
    }
}
