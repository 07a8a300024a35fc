package io.axolotl.server.api;

import static io.axolotl.server.api.Edge.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.axolotl.client.proto.AuthEnableRequest;
import io.axolotl.client.proto.AuthRoleAddRequest;
import io.axolotl.client.proto.AuthRoleGrantPermissionRequest;
import io.axolotl.client.proto.AuthUserAddRequest;
import io.axolotl.client.proto.AuthUserGrantRoleRequest;
import io.axolotl.client.proto.AuthenticateRequest;
import io.axolotl.client.proto.Permission;
import io.grpc.Metadata;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The edge with access control on: root, and alice who may read and write from a to c. */
abstract class UnderAccessControl {
    static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    static final ByteString OPEN = ByteString.copyFrom(new byte[1]);

    final Edge edge;
    String root = "";
    String alice = "";

    UnderAccessControl() {
        this(new Edge());
    }

    UnderAccessControl(Edge edge) {
        this.edge = edge;
    }

    /** Root, and alice who may read and write a to c. */
    @BeforeEach
    void enable() {
        addUser("root", "secret");
        grantRole("root", "root");
        addRole("ab");
        grant("ab", Permission.Type.READWRITE, "a", "c");
        addUser("alice", "wonder");
        grantRole("alice", "ab");
        var unused = edge.auth.authEnable(AuthEnableRequest.getDefaultInstance());
        root = login("root", "secret");
        alice = login("alice", "wonder");
    }

    @AfterEach
    void close() {
        edge.close();
    }

    static <S extends AbstractStub<S>> S as(String token, S stub) {
        Metadata headers = new Metadata();
        headers.put(TOKEN, token);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    String login(String user, String password) {
        return edge.auth
                .authenticate(AuthenticateRequest.newBuilder()
                        .setName(user)
                        .setPassword(password)
                        .build())
                .getToken();
    }

    void addUser(String name, String password) {
        var unused = as(root, edge.auth)
                .userAdd(AuthUserAddRequest.newBuilder()
                        .setName(name)
                        .setPassword(password)
                        .build());
    }

    void addRole(String name) {
        var unused = as(root, edge.auth)
                .roleAdd(AuthRoleAddRequest.newBuilder().setName(name).build());
    }

    void grantRole(String user, String role) {
        var unused = as(root, edge.auth)
                .userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                        .setUser(user)
                        .setRole(role)
                        .build());
    }

    void grant(String role, Permission.Type type, String key, String end) {
        var unused = as(root, edge.auth)
                .roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(role)
                        .setPerm(Permission.newBuilder()
                                .setPermType(type)
                                .setKey(bytes(key))
                                .setRangeEnd(bytes(end)))
                        .build());
    }

    static void run(Object answer) {
        assertThat(answer).isNotNull();
    }
}
