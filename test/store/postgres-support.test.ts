import { Client } from "pg";
import { describeOnPostgres, startPostgres } from "../support/postgres";

const answer = async (url: string): Promise<unknown> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query("select current_database() as name")).rows[0].name;
  } finally {
    await client.end();
  }
};

describeOnPostgres("the PostgreSQL of the tests", () => {
  test("gives each caller a database of its own and survives a restart", async () => {
    const server = await startPostgres({ own: true });
    try {
      const [one, two] = [await server.newDatabase(), await server.newDatabase()];
      expect(await answer(one)).not.toBe(await answer(two));
      await server.restart();
      expect(new URL(one).pathname).toBe(`/${await answer(one)}`);
    } finally {
      await server.stop();
    }
  });
});
