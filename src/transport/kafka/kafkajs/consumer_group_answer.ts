// Decodes the answer to ConsumerGroupDescribe, which the library does not know.
// See https://cwiki.apache.org/confluence/x/HArXDQ (KIP-848)
import type { GroupsAnswer } from "../port.ts";
import type { BoundedReader } from "../bounded_reader.ts";

/** Decodes version 0 or 1, with the tags that the header of a flexible version ends with. */
export function decodeConsumerGroups(reader: BoundedReader, version: number): GroupsAnswer {
  reader.skipTags();
  const throttleMs = reader.int32();
  const groups = reader.compactArray(() => {
    const error = reader.int16();
    const message = reader.compactNullableString();
    const group = reader.compactString();
    const state = reader.compactString();
    reader.skip(8); // Epochs of the group and of its assignment.
    reader.compactString(); // Assignor.
    const members = reader.compactArray(() => skipMember(reader, version));
    reader.skip(4); // Authorized operations.
    reader.skipTags();
    return { error, message, group, state, members: members.length };
  });
  reader.skipTags();
  return { throttleMs, groups };
}

function skipMember(reader: BoundedReader, version: number): void {
  reader.compactString(); // Id.
  reader.compactNullableString(); // Id of the instance.
  reader.compactNullableString(); // Rack.
  reader.skip(4); // Epoch.
  reader.compactString(); // Client id.
  reader.compactString(); // Host.
  reader.compactArray(() => reader.compactString()); // Topics.
  reader.compactNullableString(); // Pattern of topics.
  skipAssignment(reader);
  skipAssignment(reader); // The one that it is on its way to.
  if (version >= 1) reader.skip(1); // Type.
  reader.skipTags();
}

function skipAssignment(reader: BoundedReader): void {
  reader.compactArray(() => {
    reader.skip(16); // Id of the topic.
    reader.compactString(); // Its name.
    reader.compactArray(() => reader.skip(4)); // Partitions.
    reader.skipTags();
  });
  reader.skipTags();
}
