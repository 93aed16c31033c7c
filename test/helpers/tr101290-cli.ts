/** `node test/helpers/tr101290-cli.ts FILE|-`: prints the report; exit code 1 when there are errors, 2 on misuse. */
import { createReadStream } from 'node:fs';
import { Tr101290 } from './tr101290.ts';
import { formatReport } from './tr101290-report.ts';

const [input, ...rest] = process.argv.slice(2);
if (input === undefined || rest.length > 0) {
  console.error('usage: node test/helpers/tr101290-cli.ts FILE|-');
  process.exitCode = 2;
} else {
  const checker = new Tr101290();
  const source: AsyncIterable<Buffer> = input === '-' ? process.stdin : createReadStream(input);
  for await (const chunk of source) checker.push(chunk);
  const report = checker.report();
  console.log(formatReport(report));
  process.exitCode = report.errorCount === 0 ? 0 : 1;
}
