@NullMarked
package io.axolotl.server.driver;

import org.jspecify.annotations.NullMarked;
