// The fault matrix of streams, on one node behind a proxy.
import { SHORT } from "../arena.ts";
import { ArenaRows } from "../opening.ts";
import { streamsBrokerKilled, streamsClientSlow, streamsServerKilled } from "../rows_streams.ts";

const rows = new ArenaRows(SHORT);

rows.row("a broker that is killed and comes back costs no value of a stream", streamsBrokerKilled);
rows.row("streams of a server that is killed end, and none is run again", streamsServerKilled);
rows.row("streams of a slow client lose no value, and hold up no call", streamsClientSlow);
