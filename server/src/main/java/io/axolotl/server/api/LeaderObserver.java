package io.axolotl.server.api;

import io.axolotl.client.proto.Event;
import io.axolotl.client.proto.KeyValue;
import io.axolotl.client.proto.LeaderResponse;
import io.axolotl.server.api.KeyFollower.Following;
import io.axolotl.storage.mvcc.RangeAnswer;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One Observe stream (LK-4): who leads, then each value that it proclaims, until its key is gone; then who leads next. What
 * two leaders did between two looks is not told, as with etcd.
 *
 * <p>Safe for all threads.
 */
final class LeaderObserver {
    private final Recipes recipes;
    private final Headers headers;
    private final byte[] prefix;
    private final ServerCallStreamObserver<LeaderResponse> call;

    // Guarded by this, as is all use of the call.
    private boolean isOver;
    private @Nullable Following following;

    LeaderObserver(Recipes recipes, Headers headers, byte[] name, ServerCallStreamObserver<LeaderResponse> call) {
        this.recipes = recipes;
        this.headers = headers;
        this.prefix = Recipes.prefix(name);
        this.call = call;
    }

    void begin() {
        call.setOnCancelHandler(this::close);
        call.setOnReadyHandler(this::becameReady);
        recipes.read(Recipes.first(prefix), this::saw, this::fail);
    }

    private synchronized void becameReady() {
        if (following != null) {
            following.becameReady();
        }
    }

    private synchronized void close() {
        isOver = true;
        stopFollowing();
    }

    private void stopFollowing() {
        if (following != null) {
            following.close();
            following = null;
        }
    }

    private synchronized void fail(String text) {
        if (!isOver) {
            isOver = true;
            stopFollowing();
            call.onError(Recipes.exception(text));
        }
    }

    private synchronized void saw(RangeAnswer.Found found) {
        if (isOver) {
            return;
        }
        if (found.kvs().isEmpty()) {
            following = recipes.follow(prefix, Recipes.prefixEnd(prefix), found.revision() + 1, new Leaders(null));
        } else {
            KeyValue leader = Responses.keyValue(found.kvs().get(0));
            tell(leader, found.revision());
            follow(leader, found.revision());
        }
    }

    private void follow(KeyValue leader, long afterRevision) {
        following =
                recipes.follow(leader.getKey().toByteArray(), Recipes.NOTHING, afterRevision + 1, new Leaders(leader));
    }

    private void tell(KeyValue leader, long revision) {
        call.onNext(LeaderResponse.newBuilder()
                .setHeader(headers.at(revision))
                .setKv(leader)
                .build());
    }

    /** Hears of one leader, or of the first that comes. */
    private final class Leaders implements KeyFollower.Listener {
        private final @Nullable KeyValue leader;
        private boolean isDone;

        Leaders(@Nullable KeyValue leader) {
            this.leader = leader;
        }

        @Override
        public boolean isReady() {
            return call.isReady();
        }

        @Override
        public void changed(List<Event> events, long revision) {
            synchronized (LeaderObserver.this) {
                for (Event event : events) {
                    if (isDone || isOver) {
                        return;
                    }
                    take(event);
                }
            }
        }

        private void take(Event event) {
            boolean isPut = event.getType() == Event.EventType.PUT;
            if (leader != null && isPut) {
                tell(event.getKv(), event.getKv().getModRevision());
            } else if (leader != null) {
                lookAgain();
            } else if (isPut) {
                done();
                tell(event.getKv(), event.getKv().getModRevision());
                follow(event.getKv(), event.getKv().getModRevision());
            }
        }

        private void done() {
            isDone = true;
            stopFollowing();
        }

        private void lookAgain() {
            done();
            recipes.readHere(Recipes.first(prefix), LeaderObserver.this::saw, LeaderObserver.this::fail);
        }

        @Override
        public void lostTrack() {
            synchronized (LeaderObserver.this) {
                if (!isDone && !isOver) {
                    lookAgain();
                }
            }
        }

        @Override
        public void ended(EtcdError why) {
            fail(why.text());
        }
    }
}
