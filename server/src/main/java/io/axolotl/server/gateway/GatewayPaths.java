package io.axolotl.server.gateway;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which path is which method (contract A.1, A.4, A.5, column "gateway path"). Immutable. */
final class GatewayPaths {
    private static final Map<String, List<String>> PATHS = new TreeMap<>();

    static {
        service("etcdserverpb.KV", "/v3/kv/", "Range=range", "Put=put", "DeleteRange=deleterange", "Txn=txn");
        service("etcdserverpb.KV", "/v3/kv/", "Compact=compaction");
        service("etcdserverpb.Watch", "/v3/", "Watch=watch");
        service("etcdserverpb.Lease", "/v3/lease/", "LeaseGrant=grant", "LeaseRevoke=revoke");
        service("etcdserverpb.Lease", "/v3/lease/", "LeaseKeepAlive=keepalive", "LeaseTimeToLive=timetolive");
        service("etcdserverpb.Lease", "/v3/lease/", "LeaseLeases=leases");
        service("etcdserverpb.Lease", "/v3/kv/lease/", "LeaseRevoke=revoke", "LeaseTimeToLive=timetolive");
        service("etcdserverpb.Lease", "/v3/kv/lease/", "LeaseLeases=leases");
        service("etcdserverpb.Cluster", "/v3/cluster/member/", "MemberAdd=add", "MemberRemove=remove");
        service("etcdserverpb.Cluster", "/v3/cluster/member/", "MemberUpdate=update", "MemberList=list");
        service("etcdserverpb.Cluster", "/v3/cluster/member/", "MemberPromote=promote");
        service("etcdserverpb.Maintenance", "/v3/maintenance/", "Alarm=alarm", "Status=status", "Hash=hash");
        service("etcdserverpb.Maintenance", "/v3/maintenance/", "Defragment=defragment", "HashKV=hashkv");
        service("etcdserverpb.Maintenance", "/v3/maintenance/", "Snapshot=snapshot", "Downgrade=downgrade");
        service("etcdserverpb.Maintenance", "/v3/maintenance/", "MoveLeader=transfer-leadership");
        service("etcdserverpb.Auth", "/v3/auth/", "AuthEnable=enable", "AuthDisable=disable", "AuthStatus=status");
        service("etcdserverpb.Auth", "/v3/auth/", "Authenticate=authenticate");
        service("etcdserverpb.Auth", "/v3/auth/user/", "UserAdd=add", "UserGet=get", "UserList=list");
        service("etcdserverpb.Auth", "/v3/auth/user/", "UserDelete=delete", "UserChangePassword=changepw");
        service("etcdserverpb.Auth", "/v3/auth/user/", "UserGrantRole=grant", "UserRevokeRole=revoke");
        service("etcdserverpb.Auth", "/v3/auth/role/", "RoleAdd=add", "RoleGet=get", "RoleList=list");
        service("etcdserverpb.Auth", "/v3/auth/role/", "RoleDelete=delete", "RoleGrantPermission=grant");
        service("etcdserverpb.Auth", "/v3/auth/role/", "RoleRevokePermission=revoke");
        service("v3lockpb.Lock", "/v3/lock/", "Lock=lock", "Unlock=unlock");
        service("v3electionpb.Election", "/v3/election/", "Campaign=campaign", "Proclaim=proclaim");
        service("v3electionpb.Election", "/v3/election/", "Leader=leader", "Observe=observe", "Resign=resign");
    }

    private GatewayPaths() {}

    /** @param methods each as {@code Method=end of its path} */
    private static void service(String service, String prefix, String... methods) {
        for (String method : methods) {
            int equals = method.indexOf('=');
            PATHS.merge(
                    service + "/" + method.substring(0, equals),
                    List.of(prefix + method.substring(equals + 1)),
                    (one, other) -> List.of(one.get(0), other.get(0)));
        }
    }

    /** All paths, by the full name of the method, such as {@code etcdserverpb.KV/Range}. */
    static Map<String, List<String>> byMethod() {
        return Map.copyOf(PATHS);
    }
}
