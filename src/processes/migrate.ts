import type { ServiceConfig } from "../config/config.ts";
import { migrateDatabase } from "../db/migrate.ts";
import type { Logger } from "../domain/logger.ts";
import { searchAttributeNames } from "../domain/provision-contract.ts";
import { openTemporalClient, temporalOptions } from "../temporal/client.ts";

const keyword = 2;

/** Brings Postgres up to date, then registers missing search attributes where Temporal permits it. */
export async function migrate(config: ServiceConfig, log: Logger): Promise<void> {
  const applied = await migrateDatabase(config.database);
  log.info("database schema is up to date", { applied });
  try {
    const registered = await registerSearchAttributes(config);
    log.info("search attributes are registered", { added: registered });
  } catch (error) {
    log.warn("search attributes were not registered; workflows run without them", {
      reason: (error as Error).name,
    });
  }
}

async function registerSearchAttributes(config: ServiceConfig): Promise<number> {
  const { namespace } = temporalOptions(config);
  const client = openTemporalClient(config);
  try {
    return await client.withDeadline(Date.now() + 10_000, async () => {
      const { operatorService } = client.connection;
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      const missing = Object.values(searchAttributeNames).filter((name) => !(name in customAttributes));
      if (missing.length > 0)
        await operatorService.addSearchAttributes({
          namespace,
          searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
        });
      return missing.length;
    });
  } finally {
    await client.connection.close();
  }
}
