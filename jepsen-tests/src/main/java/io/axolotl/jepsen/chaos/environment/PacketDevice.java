package io.axolotl.jepsen.chaos.environment;

import java.io.IOException;

/** A port of a network whose packets this program gets, and may send. Safe for all threads. */
interface PacketDevice {
    /**
     * Waits for a packet, an Ethernet frame.
     *
     * @return its bytes
     */
    int read(byte[] into) throws IOException;

    void write(byte[] frame) throws IOException;
}
