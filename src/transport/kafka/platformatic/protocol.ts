// The Kafka protocol by means of @platformatic/kafka, which encodes, decodes and authenticates by
// the modules that it exports for each request. Not by its Connection: that fails whole answers,
// reserves by what they name, and judges time; a socket of our own does neither.
import { type Library, protocolOf } from "../library.ts";
import type { Api, KafkaProtocol } from "../port.ts";
import type { LibraryApi } from "./api.ts";
import { GROUP_APIS } from "./group_apis.ts";
import { LOG_APIS } from "./log_apis.ts";
import { MECHANISMS } from "./mechanisms.ts";

const APIS: { readonly [A in Api]: LibraryApi<A> } = { ...LOG_APIS, ...GROUP_APIS };

export const platformaticLibrary: Library = {
  requests: APIS,
  decoders: Object.fromEntries(
    Object.entries(APIS).map(([api, { decode }]) => [api, decode]),
  ) as Library["decoders"],
  mechanisms: () => Promise.resolve(MECHANISMS),
};

export const platformaticProtocol: KafkaProtocol = protocolOf(platformaticLibrary);
