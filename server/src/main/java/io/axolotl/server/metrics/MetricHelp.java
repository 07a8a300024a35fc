package io.axolotl.server.metrics;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line for people on each metric that dashboards read (contract F.3). */
final class MetricHelp {
    private static final Map<String, String> LINES = Map.ofEntries(
            Map.entry("etcd_server_has_leader", "Whether this member knows a leader: 1 yes, 0 no."),
            Map.entry("etcd_server_is_leader", "Whether this member leads: 1 yes, 0 no."),
            Map.entry("etcd_debugging_lease_renewed_total", "Leases renewed by this member while it led."),
            Map.entry(
                    "etcd_debugging_server_lease_expired_total",
                    "Leases that this member found to have run out while it led, and that were ended."),
            Map.entry("etcd_server_is_learner", "Whether this member is a learner: 1 yes, 0 no."),
            Map.entry("etcd_server_leader_changes_seen_total", "Leader changes that this member has seen."),
            Map.entry("etcd_server_proposals_committed_total", "Index of the last committed entry."),
            Map.entry("etcd_server_proposals_applied_total", "Index of the last applied entry."),
            Map.entry("etcd_server_proposals_pending", "Proposals of this member that wait for their result."),
            Map.entry("etcd_server_proposals_failed_total", "Proposals of this member that had no success."),
            Map.entry("etcd_server_slow_apply_total", "Applications of entries that took long."),
            Map.entry("etcd_server_slow_read_indexes_total", "Read barriers that took long."),
            Map.entry("etcd_server_read_indexes_failed_total", "Read barriers that had no success."),
            Map.entry("etcd_server_quota_backend_bytes", "Most bytes that the store may take."),
            Map.entry("etcd_server_version", "The etcd version that this server speaks, as a label."),
            Map.entry("etcd_cluster_version", "The etcd version that all members speak, as a label."),
            Map.entry("etcd_server_id", "The id of this member in hex, as a label."),
            Map.entry("etcd_server_health_success", "Health checks that were answered healthy."),
            Map.entry("etcd_server_health_failures", "Health checks that were answered unhealthy."),
            Map.entry("etcd_server_range_duration_seconds", "Time to read a range from the store."),
            Map.entry("etcd_server_client_requests_total", "Calls by type and by the version clients claim."),
            Map.entry("etcd_disk_wal_fsync_duration_seconds", "Time of a sync of the write-ahead log."),
            Map.entry("etcd_disk_wal_write_duration_seconds", "Time of an append to the write-ahead log."),
            Map.entry("etcd_disk_wal_write_bytes_total", "Bytes appended to the write-ahead log."),
            Map.entry("etcd_disk_backend_commit_duration_seconds", "Time to write a run of entries to the store."),
            Map.entry("etcd_mvcc_db_total_size_in_bytes", "Bytes that the store takes on disk."),
            Map.entry("etcd_mvcc_db_total_size_in_use_in_bytes", "Bytes of the store that hold data."),
            Map.entry("etcd_mvcc_put_total", "Keys put, as this member applied them."),
            Map.entry("etcd_mvcc_delete_total", "Keys deleted, as this member applied it."),
            Map.entry("etcd_mvcc_hash_duration_seconds", "Time to hash the whole state."),
            Map.entry("etcd_mvcc_hash_rev_duration_seconds", "Time to hash the keys as of a revision."),
            Map.entry("etcd_disk_backend_defrag_duration_seconds", "Time to give room back."),
            Map.entry("etcd_disk_defrag_inflight", "Whether room is being given back: 1 yes, 0 no."),
            Map.entry("etcd_debugging_mvcc_keys_total", "Keys that are there now."),
            Map.entry("etcd_debugging_mvcc_total_put_size_in_bytes", "Bytes of keys and values put."),
            Map.entry("etcd_debugging_lease_granted_total", "Leases granted, as this member applied them."),
            Map.entry("etcd_debugging_lease_revoked_total", "Leases revoked or run out, as this member applied it."),
            Map.entry("etcd_debugging_server_alarms", "Alarms that are raised, by the member they are of."),
            Map.entry("etcd_network_known_peers", "The other members."),
            Map.entry("etcd_network_active_peers", "Connections to a peer that are up."),
            Map.entry("etcd_network_disconnected_peers_total", "Connections to a peer that were lost."),
            Map.entry("etcd_server_healthcheck", "What a check of /livez or /readyz last came to: 1 well, 0 not."),
            Map.entry("etcd_server_healthchecks_total", "Checks of /livez and /readyz by what they came to."),
            Map.entry("grpc_server_handling_seconds", "Time from the start of a call to its end."),
            Map.entry("etcd_debugging_mvcc_current_revision", "Revision of the last change."),
            Map.entry("etcd_debugging_auth_revision", "Revision of the last change of users, roles and their rights."),
            Map.entry("etcd_debugging_mvcc_compact_revision", "Oldest revision that can be read."),
            Map.entry("etcd_debugging_mvcc_watch_stream_total", "Open watch streams."),
            Map.entry("etcd_debugging_mvcc_watcher_total", "Watchers on all streams."),
            Map.entry("etcd_debugging_mvcc_slow_watcher_total", "Watchers that are behind the newest revision."),
            Map.entry("etcd_debugging_mvcc_pending_events_total", "Events kept for watchers; none ever are."),
            Map.entry("etcd_debugging_mvcc_events_total", "Events sent to watchers."),
            Map.entry("etcd_network_client_grpc_received_bytes_total", "Bytes received from clients in calls."),
            Map.entry("etcd_network_client_grpc_sent_bytes_total", "Bytes sent to clients in calls."),
            Map.entry("etcd_network_peer_sent_bytes_total", "Bytes sent to a peer."),
            Map.entry("etcd_network_peer_received_bytes_total", "Bytes received from a peer."),
            Map.entry("etcd_network_peer_round_trip_time_seconds", "Round trip of a heartbeat to a peer."),
            Map.entry("grpc_server_started_total", "Calls that were begun."),
            Map.entry("grpc_server_handled_total", "Calls that were ended, by code."),
            Map.entry("grpc_server_msg_received_total", "Messages received in calls."),
            Map.entry("grpc_server_msg_sent_total", "Messages sent in calls."),
            Map.entry("process_cpu_seconds_total", "Processor time of this process."),
            Map.entry("process_resident_memory_bytes", "Memory of this process that is in RAM."),
            Map.entry("process_virtual_memory_bytes", "Address space of this process."),
            Map.entry("process_open_fds", "Open file descriptors."),
            Map.entry("process_max_fds", "Most file descriptors that may be open."),
            Map.entry("process_start_time_seconds", "Start of this process in seconds since 1970."),
            Map.entry("axolotl_requests_refused_total", "Calls that were not let in, by reason."),
            Map.entry("axolotl_requests_inflight", "Calls that are not answered yet, by kind."),
            Map.entry("axolotl_requests_inflight_bytes", "Bytes of requests that are not answered yet."),
            Map.entry("axolotl_requests_pace_per_second", "Calls per second that this member can answer, by kind."),
            Map.entry("axolotl_proposals_refused_total", "Proposals that were not taken, or not proposed, by reason."),
            Map.entry("os_fd_used", "Open file descriptors."),
            Map.entry("os_fd_limit", "Most file descriptors that may be open."),
            Map.entry("go_goroutines", "Threads of this JVM, under the name that etcd's tools read."));

    private MetricHelp() {}

    /** Null for a metric that nobody has described. */
    static @Nullable String of(String family) {
        return family.startsWith("jvm_") ? "As the JVM reports it." : LINES.get(family);
    }
}
