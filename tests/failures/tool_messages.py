"""Messages as tools and services print them, below the code a person on call would give each."""
# ruff: noqa: E501 - a message is one line

TOOL_MESSAGES: tuple[tuple[str, str], ...] = tuple(
    (block.split("\n", 1)[0], message)
    for block in r"""
INFRA.UNSCHEDULABLE
0/5 nodes are available: 2 node(s) had untolerated taint {dedicated: gpu}, 3 Insufficient memory. preemption: 0/5 nodes are available: 5 No preemption victims found for incoming pod.
Warning  FailedScheduling  12s (x3 over 44s)  default-scheduler  no nodes available to schedule pods
0/12 nodes are available: 12 node(s) didn't match Pod's node affinity/selector.
pod didn't trigger scale-up: 3 max node group size reached
Job is pending: (Resources) requested node configuration is not available
sbatch: error: Batch job submission failed: Requested node configuration is not available
service agent was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster.
Pod pending: insufficient nvidia.com/gpu on all nodes

CONTEXT.LENGTH_EXCEEDED
Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4100 `inputs` tokens and 512 `max_new_tokens`
Input validation error: `inputs` must have less than 1024 tokens. Given: 1533
The decoder prompt (length 9012) is longer than the maximum model length of 8192.
ValueError: Requested tokens (2321) exceed context window of 2048
Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.
too many tokens: total number of tokens in the prompt cannot exceed 4081
Token indices sequence length is longer than the specified maximum sequence length for this model (712 > 512)
Prompt contains 33012 tokens and 0 draft tokens, too large for model with 32768 maximum context length
string too long. Expected a string with maximum length 1048576, but got a string with length 1203455 instead.
google.api_core.exceptions.InvalidArgument: 400 The input token count exceeds the maximum number of tokens allowed 32767.
This endpoint's maximum context length is 32768 tokens. However, you requested about 41234 tokens
exceed_context_size_error: the request exceeds the available context size, try increasing it
mistralai.models.SDKError: Prompt contains 40112 tokens, too large for model with 32000 maximum context length
Conversation too long: please start a new chat or compact the history
input is too long: max 8191 tokens, got 9120

SCHEMA.REQUEST_INVALID
openai.BadRequestError: Error code: 400 - {'error': {'message': "Invalid schema for function 'get_weather': In context=(), 'required' is required to be supplied and to be an array including every key in properties.", 'type': 'invalid_request_error'}}
Invalid schema for response_format 'Plan': schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.
messages: roles must alternate between "user" and "assistant", but found multiple "user" roles in a row
messages: first message must use the "user" role
tools.0.input_schema.type: Field required
400 INVALID_ARGUMENT. {'error': {'code': 400, 'message': 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.'}}
Conversation roles must alternate user/assistant/user/assistant/...
requests.exceptions.HTTPError: 422 Client Error: Unprocessable Entity for url: https://api.example.com/v1/items
botocore.exceptions.ParamValidationError: Parameter validation failed: Missing required parameter in input: "modelId"
HTTP 400 Bad Request
400 Client Error: Bad Request for url: https://api.example.com/v2/search?q=
requests.exceptions.MissingSchema: Invalid URL '/v1/models': No scheme supplied. Perhaps you meant https:///v1/models?
Error code: 400 - {'error': {'message': "Missing required parameter: 'messages[2].content'.", 'type': 'invalid_request_error'}}
messages.1.content: Input should be a valid list
Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.
google.genai.errors.ClientError: 400 INVALID_ARGUMENT. Request contains an invalid argument.
httpx.HTTPStatusError: Client error '422 Unprocessable Entity' for url 'https://api.example.com/jobs'
httpx.UnsupportedProtocol: Request URL is missing an 'http://' or 'https://' protocol.
405 Method Not Allowed

SCHED.STEP_FAILED
Task exited with return code 1
airflow.exceptions.AirflowException: Task exited with return code 1
dagster._core.errors.DagsterExecutionStepExecutionError: Error occurred while executing op "load_orders":
prefect.exceptions.FailedRun: Flow run encountered an exception
Finished in state Failed('Task run encountered an exception ValueError')
Marking task as FAILED. dag_id=daily, task_id=extract, execution_date=20260301T000000
temporalio.client.WorkflowFailureError: Workflow execution failed
temporalio.exceptions.ActivityError: Activity task failed
Task is in 'upstream_failed' state, which is not a valid state for execution
slurmstepd: error: *** STEP 4812.0 ON gpu07 FAILED ***
Job aborted due to stage failure: Task 3 in stage 12.0 failed 4 times
Error: Process completed because dependent job 'build' failed
dagster: Steps failed: ['load_orders', 'clean_orders'].
Child workflow execution failed
kubernetes Job has reached the specified backoff limit (BackoffLimitExceeded)
Step transform failed, downstream steps skipped

CONTEXT.HISTORY_LOST
No chat history found
No thread found with id 'thread_abc123'.
Previous response with id 'resp_0a1b' not found.
Error: Session 7f31 not found. It may have expired.
ValueError: No checkpointer set
session does not exist: unable to resume conversation
Conversation history could not be restored
Invalid thread id: thread does not exist
Could not load conversation state for chat 42: record missing
No messages in history, cannot resume the session
conversation 81 was not found in the store

TOOL.ARGS_INVALID
Error: Invalid arguments for tool read_file: missing field `path`
Tool input validation error: 'query' is a required property
Error invoking tool 'multiply' with kwargs {'a': 3} with error: b: Field required
Invalid JSON in tool call arguments: Expecting ',' delimiter: line 1 column 31 (char 30)
MCP error -32602: Input validation error: Invalid arguments for tool create_issue
InputValidationError: Edit failed due to the following issue: The required parameter `old_string` is missing
Received tool input did not match expected schema
Invalid tool parameters: expected array for 'files', received string
Tool 'edit_file' was called with invalid arguments: old_text is required
Arguments to tool `lookup` could not be parsed as JSON
fetch_page() takes 1 positional argument but 2 were given
Tool arguments failed schema validation: 'limit' must be <= 100
TypeError: search() missing 1 required positional argument: 'query'

SCHED.WORKER_LOST
billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 12.
Process 'ForkPoolWorker-3' pid:812 exited with 'signal 11 (SIGSEGV)'
missed heartbeat from celery@worker-2
Detected zombie job: {'full_filepath': '/opt/airflow/dags/daily.py', 'msg': "Detected as zombie"}
The scheduler does not appear to be running. Last heartbeat was received 3 minutes ago.
ray.exceptions.WorkerCrashedError: The worker died unexpectedly while executing this task.
ray.exceptions.RayActorError: The actor died unexpectedly before finishing this task.
distributed.scheduler.KilledWorker: Attempted to run task 'sum-81' on 4 different workers, but all those workers died while running it.
ExecutorLostFailure (executor 7 exited caused by one of the running tasks) Reason: Executor heartbeat timed out after 151234 ms
joblib.externals.loky.process_executor.TerminatedWorkerError: A worker process managed by the executor was unexpectedly terminated.
RuntimeError: DataLoader worker (pid(s) 4121) exited unexpectedly
No workers have been started for the daemon; the dagster daemon is not running
[CRITICAL] WORKER TIMEOUT (pid:812)
Task handler raised error: WorkerLostError('Could not start worker processes')
consumer: Connection to broker lost. Trying to re-establish the connection...
The Ray cluster head node has died; worker raylet is gone
Run worker process for run 3f died: heartbeat not received for 300 s
gunicorn: Worker (pid:31) was sent SIGABRT!
worker node-7 stopped sending heartbeats and was marked dead

DATA.DB_CONN
psycopg2.OperationalError: could not connect to server: Connection refused. Is the server running on host "db" (10.0.0.4) and accepting TCP/IP connections on port 5432?
pymysql.err.OperationalError: (2003, "Can't connect to MySQL server on 'mysql' ([Errno 111] Connection refused)")
mysql.connector.errors.OperationalError: 2013 (HY000): Lost connection to MySQL server during query
(2006, 'MySQL server has gone away')
redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.
pymongo.errors.ServerSelectionTimeoutError: mongo:27017: [Errno -2] Name or service not known, Timeout: 30s
FATAL: sorry, too many clients already
connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused
asyncpg.exceptions.TooManyConnectionsError: remaining connection slots are reserved for roles with the SUPERUSER attribute
java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.
Error 1040: Too many connections
snowflake.connector.errors.OperationalError: 250001 (08001): Failed to connect to DB: acme.snowflakecomputing.com:443.
FATAL:  the database system is starting up
terminating connection due to administrator command
asyncpg.exceptions.ConnectionDoesNotExistError: connection was closed in the middle of operation
PrismaClientInitializationError: Can't reach database server at `db:5432`
sqlalchemy.exc.TimeoutError: QueuePool limit of size 20 overflow 0 reached
redis.exceptions.TimeoutError: Timeout connecting to server
ORA-12541: TNS:no listener
ORA-12170: TNS:Connect timeout occurred
psycopg.OperationalError: SSL connection has been closed unexpectedly
MongoNetworkError: failed to connect to server [mongo:27017] on first connect
cassandra.cluster.NoHostAvailable: ('Unable to connect to any servers', {'10.0.0.4': ConnectionRefusedError})
pq: sorry, too many clients already
SQLSTATE[HY000] [2002] Connection refused
Timed out fetching a new connection from the connection pool.
clickhouse_driver.errors.NetworkError: Code: 210. Connection refused (ch:9000)

CI.LINT_FAILED
Found 3 errors. [*] 2 fixable with the `--fix` option.
src/app.py:14:5: F841 Local variable `x` is assigned to but never used
app/models.py:31: error: Incompatible types in assignment (expression has type "str", variable has type "int")  [assignment]
  12:7  error  'total' is assigned a value but never used  no-unused-vars
[warn] Code style issues found in 2 files. Run Prettier with --write to fix.
Oh no! 3 files would be reformatted, 41 files would be left unchanged.
ERROR: src/load.py Imports are incorrectly sorted and/or formatted.
trim trailing whitespace.................................................Failed
- hook id: ruff-format - files were modified by this hook
error[unresolved-attribute]: Type `Foo` has no attribute `bar` ... Found 2 diagnostics
main.go:11:2: ineffectual assignment to err (ineffassign)
error: this expression creates a reference which is immediately dereferenced by the compiler (clippy::needless_borrow)
Your code has been rated at 6.21/10 (previous run: 8.00/10, -1.79)
pylint: src/a.py:3:0: C0114: Missing module docstring (missing-module-docstring)
app.ts:4:1 - Delete `··`  prettier/prettier
mypy: Found 2 errors in 1 file (checked 30 source files)
bandit: Issue: [B602:subprocess_popen_with_shell_equals_true] severity High
stylelint: 3 problems (3 errors, 0 warnings)
gofmt: these files are not formatted: main.go
eslint found 4 problems (4 errors, 0 warnings)

USER.INPUT_INVALID
Error: Invalid value for '--count': 'three' is not a valid integer.
Error: No such option: --verbos Did you mean --verbose?
error: unrecognized arguments: --foo
Error: Missing argument 'FILENAME'.
usage: tool [-h] {run,stop} ... tool: error: the following arguments are required: command
error: invalid choice: 'starrt' (choose from 'start', 'stop')
Error: unknown command "deploi" for "helm"
error: unknown flag: --namspace
The question must not be blank
error: unexpected argument '--releese' found
Error: Got unexpected extra argument (foo)
error: argument --port: invalid int value: 'eighty'
Error: Option '--model' requires an argument.
error: required flag(s) "image" not set
Please enter a non-empty question

NET.DNS
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded with url: / (Caused by NameResolutionError("Failed to resolve 'api.example.com'"))
dial tcp: lookup api.example.com on 127.0.0.53:53: server misbehaving
curl: (6) Could not resolve host: mirrors.example.com
java.net.UnknownHostException: kafka-1
ssh: Could not resolve hostname build-7: Temporary failure in name resolution
wget: unable to resolve host address 'files.example.com'
Temporary failure resolving 'deb.example.org'
Error: getaddrinfo EAI_AGAIN db
aiohttp.client_exceptions.ClientConnectorDNSError: Cannot connect to host api.example.com:443 ssl:default [Name or service not known]
getaddrinfo failed for vault.internal

NET.TLS
x509: certificate signed by unknown authority
curl: (60) SSL certificate problem: unable to get local issuer certificate
Error: unable to verify the first certificate
ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)
javax.net.ssl.SSLHandshakeException: PKIX path building failed
remote error: tls: handshake failure
aiohttp.client_exceptions.ClientConnectorCertificateError: Cannot connect to host a.example:443 ssl:True
Error: self signed certificate in certificate chain
tls: failed to verify certificate: x509: certificate is valid for a.example, not b.example
OpenSSL.SSL.Error: [('SSL routines', 'tls_process_server_certificate', 'certificate verify failed')]
fatal: unable to access 'https://git.example.com/': server certificate verification failed. CAfile: none
error:0A000086:SSL routines::certificate verify failed
Hostname/IP does not match certificate's altnames: Host: a.example. is not in the cert's altnames
tlsv1 alert protocol version
EPROTO 140:error:1408F10B:SSL routines:ssl3_get_record:wrong version number
SSL: CERTIFICATE_VERIFY_FAILED unable to get issuer certificate
certificate is not trusted: unknown CA

AUTH.TOKEN_EXPIRED
x509: certificate has expired or is not yet valid: current time 2026-03-01T00:00:00Z is after 2026-02-27T10:00:00Z
An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.
google.auth.exceptions.RefreshError: ('invalid_grant: Token has been expired or revoked.')
The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login
azure.core.exceptions.ClientAuthenticationError: AADSTS700082: The refresh token has expired due to inactivity.
OAuth token has expired. Please obtain a new token or refresh your existing token.
error: You must be logged in to the server (the token has expired)
RequestTimeTooSkewed: token no longer valid, credentials have expired
Your session has expired. Please log in again.
{"error":{"code":"InvalidAuthenticationToken","message":"Access token has expired or is not yet valid."}}
Snowflake: 390114 (08001): Authentication token has expired. The user must authenticate again.
jwt expired
AADSTS50173: The provided grant has expired due to it being revoked

AUTH.KEY_INVALID
requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://api.example.com/me
error: You must be logged in to the server (Unauthorized)
remote: Invalid username or password. fatal: Authentication failed for 'https://git.example.com/a/b.git/'
An error occurred (SignatureDoesNotMatch) when calling the GetObject operation: The request signature we calculated does not match the signature you provided.
An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid.
{"message":"Bad credentials","documentation_url":"https://docs.example.com/rest","status":"401"}
redis.exceptions.AuthenticationError: invalid username-password pair or user is disabled.
Access denied for user 'app'@'10.0.0.3' (using password: YES)
pymongo.errors.OperationFailure: Authentication failed., full error: {'code': 18}
jwt.exceptions.InvalidSignatureError: Signature verification failed
slack_sdk.errors.SlackApiError: {'ok': False, 'error': 'invalid_auth'}
unauthorized: authentication required
git@github.com: Permission denied (publickey).
No auth credentials found
google.genai.errors.ClientError: 400 INVALID_ARGUMENT. API key not valid. Please pass a valid API key.
openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided: abc***xyz.'}}
HTTP 401: Bad credentials (https://api.github.com/graphql)
denied: requested access to the resource is denied: invalid login credentials
WRONGPASS invalid username-password pair or user is disabled.
Login failed for user 'sa'.
smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted')
250001 (08001): Incorrect username or password was specified.
The API key you provided is invalid or has been revoked
401 Unauthorized: invalid bearer token

AUTH.FORBIDDEN
Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:default:agent" cannot list resource "pods" in API group ""
google.api_core.exceptions.PermissionDenied: 403 Permission 'aiplatform.endpoints.predict' denied on resource
User: arn:aws:iam::123456789012:user/ci is not authorized to perform: bedrock:InvokeModel on resource
google.api_core.exceptions.Forbidden: 403 POST https://bigquery.googleapis.com: Access Denied: Project p: User does not have bigquery.jobs.create permission in project p.
psycopg2.errors.InsufficientPrivilege: permission denied for table runs
remote: Permission to acme/app.git denied to ci-bot. fatal: unable to access: The requested URL returned error: 403
SQL access control error: Insufficient privileges to operate on schema 'PUBLIC'
Your organization must be verified to use the model `o3`.
Unsupported country, region, or territory
Access to model meta-llama/Llama-3-8B is restricted. You must be authenticated to access it. Cannot access gated repo
slack error: missing_scope
HTTP 403: Resource not accessible by personal access token
An error occurred (AccessDeniedException) when calling the InvokeModel operation: You don't have access to the model with the specified model ID.
ERROR 1142 (42000): SELECT command denied to user 'app'@'%' for table 'runs'
NOPERM this user has no permissions to run the 'flushall' command
403 Forbidden: you are not a member of this project
The user does not have permission to access the requested workspace
403: insufficient authentication scopes
You do not have permission to push to this repository

NET.CONN_REFUSED
httpx.ConnectError: All connection attempts failed
connect ECONNREFUSED 127.0.0.1:11434
dial tcp 10.1.2.3:443: connect: no route to host
curl: (7) Failed to connect to localhost port 8080 after 0 ms: Couldn't connect to server
OSError: [Errno 101] Network is unreachable
The connection to the server localhost:8080 was refused - did you specify the right host or port?
aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host api.local:80 ssl:default [Connect call failed ('10.0.0.1', 80)]
grpc: failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:50051
kafka.errors.NoBrokersAvailable: NoBrokersAvailable
TypeError: fetch failed
TypeError: Failed to fetch
Failed to connect to 10.2.3.4 port 443: Connection timed out
dial unix /tmp/agent.sock: connect: connection refused
ollama._types.ConnectionError: Failed to connect to Ollama. Please check that Ollama is downloaded, running and accessible.
org.apache.kafka.common.errors: Connection to node -1 (kafka/10.0.0.9:9092) could not be established. Broker may not be available.
ssh: connect to host build-3 port 22: Connection refused
net::ERR_CONNECTION_REFUSED at http://localhost:3000/
Could not connect to localhost:6333: connection refused
EHOSTUNREACH 10.0.0.7:443

NET.CONN_RESET
Error: read ECONNRESET
BrokenPipeError: [Errno 32] Broken pipe
aiohttp.client_exceptions.ServerDisconnectedError: Server disconnected
http: server closed idle connection
write: broken pipe
websockets.exceptions.ConnectionClosedError: no close frame received or sent
unexpected EOF while reading from upstream
curl: (52) Empty reply from server
httpx.ReadError
ConnectionAbortedError: [WinError 10053] An established connection was aborted by the software in your host machine
kex_exchange_identification: Connection closed by remote host
net/http: HTTP/1.x transport connection broken: unexpected EOF
client_loop: send disconnect: Broken pipe
aiohttp.client_exceptions.ClientOSError: [Errno 104] Connection reset by peer
net::ERR_CONNECTION_CLOSED
GOAWAY received; http2 stream reset by server
websocket: close 1006 (abnormal closure): unexpected EOF
peer reset the connection while reading headers
Connection lost: EOF from server

TIMEOUT.REQUEST
httpx.ReadTimeout: The read operation timed out
requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='a.example', port=443): Read timed out. (read timeout=30)
context deadline exceeded (Client.Timeout exceeded while awaiting headers)
ETIMEDOUT: request to https://api.example.com failed
dial tcp 10.0.0.4:443: i/o timeout
botocore.exceptions.ReadTimeoutError: Read timeout on endpoint URL: "https://bedrock-runtime.us-east-1.amazonaws.com"
google.api_core.exceptions.DeadlineExceeded: 504 Deadline Exceeded
litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out.
AbortError: The operation was aborted due to timeout
ConnectTimeoutError: Connect Timeout Error (attempted address: api.example.com:443, timeout: 10000ms)
httpcore.ConnectTimeout: timed out
google.api_core.exceptions.RetryError: Timeout of 60.0s exceeded, last exception: 503
net::ERR_TIMED_OUT
Request to https://api.example.com/v1/chat timed out after 600 seconds
408 Request Timeout
Gateway did not answer in 30s: request timeout
urllib3: connect timeout=5

TIMEOUT.RUN
slurmstepd: error: *** JOB 4812 ON gpu07 CANCELLED AT 2026-03-01T10:00:00 DUE TO TIME LIMIT ***
Error: The action 'Run tests' has timed out after 30 minutes.
airflow.exceptions.AirflowTaskTimeout: Timeout, PID: 812
celery.exceptions.SoftTimeLimitExceeded: SoftTimeLimitExceeded()
Job was active longer than specified deadline (DeadlineExceeded)
prefect.exceptions: Flow run exceeded timeout of 600.0 second(s)
Task timed out after 900.10 seconds (AWS Lambda)
error: timed out waiting for the condition on deployments/agent
Error: UPGRADE FAILED: timed out waiting for the condition
Agent run exceeded wall-clock limit of 3600s
ERROR: Job failed: execution took longer than 2h0m0s seconds
Build timed out (after 45 minutes). Marking the build as aborted.
Query exceeded the maximum allowed execution time; job killed after 6 hours
temporal: workflow execution timed out
dagster: Run exceeded maximum runtime of 3600 seconds, terminating run.
Evaluation of task 12 hit the 1800 s time limit
Job exceeded its time limit of 12 hours and was terminated

TIMEOUT.TOOL
Command timed out after 2m 0.0s
Tool execution timed out after 60 seconds
bash tool: command exceeded timeout of 120000 ms and was terminated
MCP tool call "query" timed out after 30000ms
asyncio.TimeoutError while running tool fetch_page
The code execution took longer than the allowed 30 seconds and was stopped
subprocess.TimeoutExpired: Command 'npm test' timed out after 300 seconds
Tool `browser_search` did not respond within 45s
Command execution exceeded the 120s limit and was killed
run_python tool timed out (60s)

TIMEOUT.LOCK
sqlalchemy.exc.OperationalError: (psycopg2.errors.LockNotAvailable) canceling statement due to lock timeout
filelock._error.Timeout: The file lock '/tmp/a.lock' could not be acquired.
redis.exceptions.LockError: Unable to acquire lock within the time specified
deadline exceeded while waiting for table metadata lock
Could not acquire lock on build directory within 60 seconds
Lock request time out period exceeded.
timed out acquiring advisory lock 42

DATA.LOCKED
Error: Error acquiring the state lock: ConditionalCheckFailedException
ORA-00054: resource busy and acquire with NOWAIT specified or timeout expired
E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt)
SQLITE_BUSY: database is locked
PermissionError: [WinError 32] The process cannot access the file because it is being used by another process
BlockingIOError: [Errno 11] Resource temporarily unavailable
Blocking waiting for file lock on build directory
resource deadlock avoided: file 'a.db' is locked by another process
IO Error: Cannot open file "/d/w.duckdb": file is already open in another process
sqlite3.OperationalError: database table is locked: runs

DATA.DB_DEADLOCK
Transaction (Process ID 54) was deadlocked on lock resources with another process and has been chosen as the deadlock victim.
ORA-00060: deadlock detected while waiting for resource
restart transaction: TransactionRetryWithProtoRefreshError: WriteTooOldError
pymongo.errors.OperationFailure: WriteConflict error: this operation conflicted with another operation
pq: could not serialize access due to read/write dependencies among transactions
Deadlock found when trying to get lock; try restarting transaction (1213)
deadlock detected: process 1 waits for ShareLock on transaction 2

DATA.DB_CONSTRAINT
Duplicate entry '81' for key 'runs.PRIMARY'
insert or update on table "steps" violates foreign key constraint "steps_run_id_fkey"
FOREIGN KEY constraint failed
pymongo.errors.DuplicateKeyError: E11000 duplicate key error collection: app.runs index: _id_
Column 'agent_id' cannot be null
new row for relation "runs" violates check constraint "runs_cost_check"
ORA-00001: unique constraint (APP.RUNS_PK) violated
Cannot insert duplicate key row in object 'dbo.runs' with unique index 'ix_run'
Cannot add or update a child row: a foreign key constraint fails
NOT NULL constraint failed: runs.agent_id
violates not-null constraint on column org_id

DATA.TABLE_MISSING
Table 'app.runs' doesn't exist
google.api_core.exceptions.NotFound: 404 Not found: Table proj:ds.runs was not found in location US
SQL compilation error: Object 'ANALYTICS.PUBLIC.RUNS' does not exist or not authorized.
[TABLE_OR_VIEW_NOT_FOUND] The table or view `runs` cannot be found.
sqlalchemy.exc.NoSuchTableError: runs
invalid object name 'dbo.runs'
ORA-00942: table or view does not exist
clickhouse: Code: 60. DB::Exception: Table default.runs doesn't exist. (UNKNOWN_TABLE)
pymilvus.exceptions.MilvusException: collection not found[collection=docs]
Catalog Error: Table with name steps does not exist!
index_not_found_exception: no such index [runs]
relation "public.steps" does not exist

DATA.SCHEMA_DRIFT
KeyError: "['cost_usd'] not in index"
pyarrow.lib.ArrowInvalid: Could not convert 'n/a' with type str: tried to convert to double
SQL compilation error: invalid identifier 'COST_USD'
Unrecognized name: cost_usd at [3:8]
no such column: cost_usd
[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `cost` cannot be resolved.
Unknown column 'cost' in 'field list'
invalid input syntax for type integer: "abc"
org.apache.spark.sql.AnalysisException: A schema mismatch detected when writing to the Delta table
Schema at index 1 was different: run_id: string vs run_id: int64
ORA-00904: "COST": invalid identifier
pandas: KeyError: 'cost_usd' column missing from DataFrame
could not convert string to float: 'n/a'
Provided Schema does not match Table proj:ds.runs. Field cost has changed type from FLOAT to STRING
table runs has 5 columns but 6 values were supplied
cannot cast string 'x' to double

DATA.SQL_SYNTAX
ERROR: syntax error at or near "FORM" LINE 1: select * form runs
sqlite3.OperationalError: near "selct": syntax error
SQL compilation error: syntax error line 3 at position 12 unexpected ','.
column "runs.id" must appear in the GROUP BY clause or be used in an aggregate function
ORA-00933: SQL command not properly ended
Syntax error: Expected end of input but got keyword FROM at [1:14]
You have an error in your SQL syntax near 'FORM runs' at line 1
DB::Exception: Syntax error: failed at position 8
Incorrect syntax near the keyword 'FROM'.
aggregate functions are not allowed in WHERE
mismatched input 'FORM' expecting <EOF>

DATA.FILE_CORRUPT
gzip.BadGzipFile: Not a gzipped file (b'PK')
zlib.error: Error -3 while decompressing data: incorrect header check
EOFError: Compressed file ended before the end-of-stream marker was reached
PIL.UnidentifiedImageError: cannot identify image file 'a.png'
sqlite3.DatabaseError: file is not a database
sqlite3.DatabaseError: database disk image is malformed
_pickle.UnpicklingError: pickle data was truncated
tarfile.ReadError: unexpected end of data
PyPDF2.errors.PdfReadError: EOF marker not found
pandas.errors.ParserError: Error tokenizing data. C error: Expected 4 fields in line 12, saw 6
UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
checksum mismatch: expected 9f2c got 1a7e
OSError: image file is truncated (12 bytes not processed)
pyarrow.lib.ArrowInvalid: Could not open Parquet input source 'a.parquet': Parquet file size is 0 bytes
gzip: stdin: unexpected end of file
RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory
tar: Unexpected EOF in archive
Invalid parquet file: footer could not be read
unzip: End-of-central-directory signature not found

DATA.QUALITY_FAILED
Completed with 2 errors: Failure in test accepted_values_runs_status (models/schema.yml)
Expectation expect_column_values_to_not_be_null failed: 12 unexpected values
great_expectations.exceptions.ValidationFailed: Validation of checkpoint daily did not pass
Source freshness check failed: max loaded_at is 3 days old
pandera.errors.SchemaError: Column 'cost' failed element-wise validator number 0: greater_than_or_equal_to(0) failure cases: -1
Row count anomaly: expected at least 1000 rows, found 12
Got 12 results, configured to fail if != 0
Data contract violated: null_ratio of column cost is 0.4, allowed 0.01
Asset check no_duplicate_ids on asset runs did not pass
3 of 40 data tests failed: unique_runs_run_id

SCHED.OVERLAP
WorkflowAlreadyStartedError: Workflow execution already started
error: The DAG run already exists for the given execution date: dag run id manual__2026-03-01
Skipping tick: a previous run is still in progress
Another sync is already running for this connection
cron: previous job still running, skipping this run
409 Conflict: an indexing operation is already in progress
Run skipped, the previous one has not finished

SCHED.NOT_REGISTERED
Received unregistered task of type 'app.tasks.sync'. The message has been ignored and discarded.
airflow.exceptions.DagNotFound: Dag id daily_load not found in DagModel
Workflow class OrderFlow is not registered on this worker, available workflows: ShipFlow
Deployment 'daily/prod' not found
Activity function send_mail for workflow is not registered on this worker
unable to find workflow type: OrderFlow. Supported types: [ShipFlow]
No job named nightly_load is registered

SCHED.MISFIRE
apscheduler.executors: Run time of job "poll (trigger: cron)" was missed by 0:00:41.120
Cannot determine if job needs to be started: too many missed start times (> 100). Set or decrease .spec.startingDeadlineSeconds
Revoked task app.tasks.sync: task has expired
Missed scheduled time to start a job: 2026-03-01T02:00:00Z
Execution of job "poll" missed: misfire grace time exceeded
schedule tick at 02:00 was skipped because the scheduler was down

CI.RUNNER_LOST
The hosted runner lost communication with the server. Anything in your workflow that terminates the runner process can cause this.
The runner has received a shutdown signal.
ERROR: Job failed (system failure): pods "runner-x" is being deleted
Agent went offline during the build ERROR: Connection was broken: java.io.EOFException
This job is stuck because you don't have any active runners online with any of these tags assigned to them: gpu
The Pod was evicted: The node was low on resource
Waiting for a runner to pick up this job... no runner matched labels: gpu, timed out
hudson.remoting.ChannelClosedException: Channel "agent-7" is closed; agent disconnected
The VM instance was preempted
Runner runner-8 disconnected before the job finished

CI.CANCELLED
Error: The operation was canceled.
Canceling since a higher priority waiting request for 'deploy-main' exists
Build was aborted by user admin
The job was canceled when the pipeline was superseded by a newer commit
This check run was cancelled because a newer commit was pushed
ERROR: Job canceled in GitLab: pipeline canceled by user
Workflow run cancelled by concurrency group

INFRA.IMAGE_PULL
Error response from daemon: pull access denied for acme/agent, repository does not exist or may require 'docker login'
Failed to pull image "acme/agent:v2": rpc error: code = NotFound desc = failed to pull and unpack image
no matching manifest for linux/arm64/v8 in the manifest list entries
Error: ErrImageNeverPull
Error: ImagePullBackOff
docker: manifest for acme/app:1.9 not found: manifest unknown: manifest unknown.
Get "https://ghcr.example/v2/": unauthorized: failed to pull image acme/app
failed to pull image "r.example/app:3": not found

INFRA.CRASHLOOP
Liveness probe failed: HTTP probe failed with statuscode: 503
Warning  BackOff  kubelet  Back-off restarting failed container agent
Readiness probe failed: dial tcp 10.0.1.2:8080: connect: connection refused
dependency failed to start: container app-db-1 is unhealthy
pod agent-7c is in CrashLoopBackOff, restarted 12 times
Startup probe failed: Get "http://10.0.0.4:8080/healthz": dial tcp: connect: connection refused
container keeps crashing: back-off 2m40s restarting failed container

INFRA.DOCKER_DAEMON
docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))
failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process
Error response from daemon: Conflict. The container name "/agent" is already in use
could not select device driver "" with capabilities: [[gpu]]
failed to start daemon: Error initializing network controller
docker: Error response from daemon: driver failed programming external connectivity on endpoint web
permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock
containerd: failed to create task for container: cgroup error
Cannot connect to the Docker daemon. Is it running?

INFRA.SANDBOX_LOST
e2b.exceptions.SandboxException: The sandbox was not found: This error is likely due to sandbox timeout.
nbclient.exceptions.DeadKernelError: Kernel died
modal.exception: Sandbox has already shut down
Container for the code interpreter session is expired
Sandbox is probably not running anymore
The Python kernel died unexpectedly and is restarting
The sandbox was terminated while the command was running

CI.MERGE_CONFLICT
error: Your local changes to the following files would be overwritten by merge: app.py
Pull request is not mergeable: the merge commit cannot be cleanly created.
! [rejected] main -> main (fetch first) error: failed to push some refs
error: could not apply 1a2b3c4... Add cache
error: patch failed: src/app.py:12 error: src/app.py: patch does not apply
error: Your local changes would be overwritten by checkout. Commit your changes or stash them.
hint: Updates were rejected because the tip of your current branch is behind its remote counterpart
GraphQL: Pull Request has merge conflicts (mergePullRequest)
CONFLICT (modify/delete): a.py deleted in HEAD

CI.CHECKOUT_FAILED
fatal: not a git repository (or any of the parent directories): .git
error: pathspec 'feature-x' did not match any file(s) known to git
fatal: repository 'https://git.example.com/a/b.git/' not found
fatal: early EOF fatal: fetch-pack: invalid index-pack output
fatal: reference is not a tree: 1a2b3c4d
fatal: detected dubious ownership in repository at '/w'
batch response: This repository is over its data quota. error: failed to fetch some objects
fatal: Could not read from remote repository. Please make sure you have the correct access rights
fatal: ambiguous argument 'HEAD~9': unknown revision or path not in the working tree.
error: RPC failed; HTTP 500 curl 22 The requested URL returned error: 500
fatal: unable to checkout working tree

CI.DEP_RESOLUTION
ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.
× No solution found when resolving dependencies: Because acme==2 depends on numpy<2
SolverProblemError: Because app depends on a (^2.0) which doesn't match any versions, version solving failed.
npm error 404 'acme-widget@^9.0.0' is not in this registry.
ERR_PNPM_OUTDATED_LOCKFILE Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date
npm ci can only install packages when your package.json and package-lock.json are in sync.
error: failed to select a version for `serde`.
go: example.com/a@v1.2.3: invalid version: unknown revision v1.2.3
E: Unable to locate package libfoo-dev
Could not find artifact com.acme:core:jar:2.0 in central
ERROR: Ignored the following versions that require a different python version
PackagesNotFoundError: The following packages are not available from current channels
poetry: Because no versions of acme match >2.0, version solving failed
npm ERR! notarget No matching version found for left-pad@9.9.9.
error: the lockfile at `uv.lock` needs to be updated, but `--locked` was provided
yarn: Couldn't find any versions for "acme" that matches "^9"
LibMambaUnsatisfiableError: Encountered problems while solving
Could not resolve dependency: peer react@"^17" from foo@2.0.0

CI.BUILD_FAILED
error[E0308]: mismatched types
src/index.ts:3:10 - error TS2305: Module '"./a"' has no exported member 'b'.
npm ERR! code ELIFECYCLE
FAILURE: Build failed with an exception. * What went wrong: Execution failed for task ':app:compileJava'.
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2
ERROR: Failed building wheel for lxml
./main.go:8:2: "os" imported and not used
main.c:4:10: fatal error: foo.h: No such file or directory
ERROR in ./src/app.js Module not found: Error: Can't resolve './x' in '/app/src'
[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.11:compile
ninja: build stopped: subcommand failed.
undefined reference to `foo_init'
gcc: error: unrecognized command-line option '-foo'
CMake Error at CMakeLists.txt:12 (find_package): Could not find a package configuration file
src/lib.rs: error: could not compile `acme` (lib) due to 2 previous errors
error: subprocess-exited-with-error: python setup.py bdist_wheel did not run successfully.
Type error: Property 'x' does not exist on type 'Y'. Next.js build worker exited with code: 1
error: linking with `cc` failed: exit status: 1

CI.TEST_FAILED
FAILED tests/test_api.py::test_create - assert 404 == 200
Tests:       2 failed, 40 passed, 42 total
FAIL: test_totals (tests.test_math.TestMath)
AssertionError: 3 != 4
test result: FAILED. 11 passed; 1 failed; 0 ignored
--- FAIL: TestParse (0.00s)
thread 'tests::parses' panicked at src/lib.rs:12:9: assertion `left == right` failed
Expected: 3 Received: 4  expect(received).toBe(expected)
There are test failures. [ERROR] Tests run: 12, Failures: 1, Errors: 0
FAIL Required test coverage of 90% not reached. Total coverage: 81.20%
ERROR tests/test_api.py - fixture 'client' not found
E       assert 3 == 4
1 failing 1) Cart adds an item: AssertionError [ERR_ASSERTION]
FAILED (failures=2, errors=1)
Test Suites: 1 failed, 12 passed, 13 total
mocha: 3 of 40 specs failed
5 passed, 2 failed in 12.31s

ENV.OOM
Killed process 812 (python) total-vm:16384000kB, anon-rss:8123000kB
java.lang.OutOfMemoryError: Java heap space
torch.cuda.OutOfMemoryError: HIP out of memory.
fatal error: runtime: out of memory
Process exited with code 137 (SIGKILL)
numpy.core._exceptions._ArrayMemoryError: Unable to allocate 12.0 GiB for an array with shape (100000, 16000)
MemoryLimitExceeded: Used 9.2 GB of 8 GB
duckdb.OutOfMemoryException: Out of Memory Error: could not allocate block of size 256.0 KiB (3.9 GiB/4.0 GiB used)
RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`
JavaScript heap out of memory
Out of memory: Killed process 4812 (java)
container was OOMKilled (exit code 137)
torch.OutOfMemoryError: CUDA out of memory. GPU 0 has a total capacity of 79 GiB
vllm: ValueError: No available memory for the cache blocks. Try increasing gpu_memory_utilization
Allocation failed - process out of memory
pod evicted: memory usage exceeded limit 2Gi (OOMKilled)

ENV.DISK_FULL
tar: write error: No space left on device
ERROR: could not write block 12: No space left on device
OSError: [Errno 122] Disk quota exceeded
You don't have enough free space in /var/cache/apt/archives/.
System.IO.IOException: There is not enough space on the disk.
database or disk is full
ENOSPC: no space left on device, write
The node was low on resource: ephemeral-storage.
Could not write to '/var/lib/x': disk is full
write failed: No space left on device (28)

ENV.DEP_MISSING
ModuleNotFoundError: No module named 'sklearn'
ImportError: cannot import name 'Foo' from 'bar' (/usr/lib/python3/bar.py)
Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'zod' imported from /app/x.mjs
ImportError: libGL.so.1: cannot open shared object file: No such file or directory
Could not import sentence_transformers python package. Please install it with `pip install sentence-transformers`.
error while loading shared libraries: libssl.so.1.1: cannot open shared object file
java.lang.ClassNotFoundException: org.postgresql.Driver
Error: Cannot find module '@acme/core' Require stack: - /app/index.js
Error: Cannot find module 'typescript'
ImportError: This modeling file requires the following packages that were not found in your environment: einops
tokenizers>=0.19 is required for a normal functioning of this module, but it is not installed
OSError: cannot load library 'libgobject-2.0-0'
No module named pip
Error: Cannot find package 'vite' imported from /app/vite.config.js

ENV.BINARY_MISSING
zsh: command not found: uv
exec: "kubectl": executable file not found in $PATH
spawn npx ENOENT
'terraform' is not recognized as an internal or external command
env: 'node': No such file or directory
pytesseract.pytesseract.TesseractNotFoundError: tesseract is not installed or it's not in your PATH
BrowserType.launch: Executable doesn't exist at /ms-playwright/chromium-1091/chrome-linux/chrome
RuntimeError: Couldn't find ffmpeg or avconv
bash: line 3: rg: command not found
Unable to locate the Java Runtime.
error: linker `cc` not found
sh: 1: cargo: not found

ENV.PORT_IN_USE
Error: listen EADDRINUSE: address already in use :::3000
bind: address already in use
Bind for 0.0.0.0:5432 failed: port is already allocated
[Errno 48] error while attempting to bind on address ('127.0.0.1', 8000): address already in use
Port 8000 is in use by another program.
listen tcp 0.0.0.0:9090: bind: address already in use
Error starting server: port 5173 is already in use

ENV.VERSION_MISMATCH
ERROR: Package 'acme' requires a different Python: 3.9.1 not in '>=3.11'
RuntimeError: The NVIDIA driver on your system is too old (found version 11040).
UnsupportedClassVersionError: com/acme/App has been compiled by a more recent version of the Java Runtime
ImportError: numpy.core.multiarray failed to import; A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0
/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found
session not created: This version of ChromeDriver only supports Chrome version 114
The engine "node" is incompatible with this module. Expected version ">=18". Got "16.2.0"
RuntimeError: CUDA error: no kernel image is available for execution on the device
ERROR: acme-1.0-cp311-cp311-macosx_11_0_arm64.whl is not a supported wheel on this platform.
error: package requires rustc 1.80 or newer, while the currently active rustc version is 1.74.0
ImportError: numpy.dtype size changed, may indicate binary incompatibility
Error: Node.js v16 is not supported. Please upgrade to v20 or later.
client version 1.22 is too old. Minimum supported API version is 1.24
This package requires Python >=3.12 but the running Python is 3.10.4

ENV.KEY_MISSING
openai.OpenAIError: The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable
google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found.
KeyError: 'ANTHROPIC_API_KEY'
Environment variable DATABASE_URL is not defined
gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.
botocore.exceptions.NoRegionError: You must specify a region.
Did not find serpapi_api_key, please add an environment variable `SERPAPI_API_KEY` which contains it
Error: ANTHROPIC_API_KEY environment variable is required
Missing required environment variable: SLACK_BOT_TOKEN
No API key found for provider "openrouter". Set one in your environment.
fatal: could not read Username for 'https://git.example.com': terminal prompts disabled
Please set the environment variable TAVILY_API_KEY

ENV.CONFIG_INVALID
yaml.scanner.ScannerError: mapping values are not allowed here in "config.yaml", line 3, column 8
tomllib.TOMLDecodeError: Expected '=' after a key in a key/value pair (at line 2, column 5)
Error: Invalid workflow file: .github/workflows/ci.yml#L12 You have an error in your yaml syntax
jobs:test config contains unknown keys: scripts
Error: Unsupported argument: An argument named "reigon" is not expected here. on main.tf line 3
error: error validating "pod.yaml": error validating data: unknown field "spec.contianers"
dbt.exceptions.DbtProfileError: Could not find profile named 'warehouse'
invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable
Broken DAG: [/opt/airflow/dags/daily.py] Traceback (most recent call last)
pydantic_settings: 1 validation error for Settings database_url Field required
Error: Error loading config file: yaml: line 7: did not find expected key
helm: Error: values don't meet the specifications of the schema(s)
Invalid configuration: `retries` must be a positive integer
compose.yaml: services.web Additional property imagee is not allowed
Error: Missing required argument: The argument "bucket" is required, but no definition was found.
Invalid value in settings.toml: workers must be greater than 0

ENV.PERMISSION_DENIED
mkdir: cannot create directory '/data': Permission denied
EACCES: permission denied, open '/etc/hosts'
OSError: [Errno 30] Read-only file system: '/app/out.txt'
chown: changing ownership of 'a': Operation not permitted
Got permission denied while trying to open /dev/kvm
touch: cannot touch '/etc/x': Permission denied
npm ERR! code EACCES
PermissionError: [Errno 1] Operation not permitted
error: could not lock config file .git/config: Permission denied

ENV.FILE_NOT_FOUND
cat: notes.txt: No such file or directory
ENOENT: no such file or directory, open 'config.json'
An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.
ls: cannot access 'x': No such file or directory
File does not exist. Did you mean src/app.ts?
open run.log: The system cannot find the file specified.
NotADirectoryError: [Errno 20] Not a directory: 'a.txt'
python: can't open file '/app/run.py': [Errno 2] No such file or directory
Error: ENOENT: no such file or directory, stat '/app/dist'
FileNotFoundError: File b'runs.csv' does not exist
jq: error: Could not open file a.json: No such file or directory
open /app/config.yaml: no such file or directory
The specified path data/in.csv was not found

RATE.LIMITED
anthropic.RateLimitError: Error code: 429 - {'type': 'error', 'error': {'type': 'rate_limit_error', 'message': 'Number of request tokens has exceeded your per-minute rate limit'}}
google.api_core.exceptions.ResourceExhausted: 429 Resource has been exhausted (e.g. check quota).
You have exceeded a secondary rate limit. Please wait a few minutes before you try again.
groq.RateLimitError: Rate limit reached for model `llama` on tokens per minute (TPM): Limit 6000, Used 5800, Requested 900. Please try again in 7s.
telegram.error.RetryAfter: Flood control exceeded. Retry in 31 seconds
slack_sdk: {'ok': False, 'error': 'ratelimited'}
An error occurred (ProvisionedThroughputExceededException) when calling the PutItem operation
SlowDown: Please reduce your request rate.
Too Many Requests (HTTP 429). Retry-After: 12
cohere.errors.TooManyRequestsError: You are using a Trial key, which is limited to 10 API calls / minute.
API rate limit exceeded for installation ID 12.
You are being rate limited.
openai.RateLimitError: Error code: 429 - {'error': {'message': 'Requests to the ChatCompletions_Create Operation have exceeded call rate limit of your current pricing tier. Please retry after 12 seconds.'}}
HTTPError: 429 Client Error: Too Many Requests for url: https://api.example.com/models

RATE.OVERLOADED
The model `gpt-4o` is currently overloaded with other requests. You can retry your request.
{"error":"Model is overloaded","error_type":"overloaded"}
ServiceUnavailableException: Bedrock is unable to process your request. Too many connections, please wait before trying again.
503 This model is currently experiencing high demand. Spikes in demand are usually temporary.
ModelNotReadyException: Model is getting ready for inference. Please try again.
{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}
The server is currently overloaded, please try again later
Engine is at capacity; retry shortly
anthropic: overloaded_error (HTTP 529)

RATE.QUOTA_EXHAUSTED
429 You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: generate_content_free_tier_requests, limit: 50
Error: You've reached your monthly usage limit.
QuotaExceeded: Operation could not be completed as it results in exceeding approved Total Regional Cores quota.
Rate limit reached for requests per day (RPD): Limit 200, Used 200
LimitExceededException: You have hit your weekly limit for this plan. Resets Monday.
Quota exceeded for quota metric 'Generate Content API requests per day'
insufficient_quota
Copilot: You've used all your premium requests for this month
You have exceeded your monthly included quota for inference providers

COST.CREDIT_EXHAUSTED
Error code: 402 - {'error': {'message': 'This request requires more credits, or fewer max_tokens. You requested up to 4096 tokens, but can only afford 812.'}}
You have run out of credits. Please add credits to continue.
Your account is not active, please check your billing details on our website.
billing_hard_limit_reached
Insufficient credits. Add more using your account settings
Your prepayment credits are depleted.
402 Client Error: Payment Required for url: https://router.example.com

COST.BUDGET_EXCEEDED
Budget has been exceeded! Current cost: 10.2, Max budget: 10.0
Run stopped: cost limit of $2.00 reached
Instance cost limit exceeded: 3.02 > 3.00
max_budget_usd of 5.00 exceeded, stopping
Team budget of $50 exceeded, request blocked

CONTEXT.REQUEST_TOO_LARGE
Error code: 413 - {'error': {'type': 'request_too_large', 'message': 'Request exceeds the maximum size'}}
grpc: received message larger than max (5242881 vs. 4194304)
MessageSizeTooLargeError: The message is 1200000 bytes when serialized which is larger than 1048576
messages.0.content.1.image.source.base64: image exceeds 5 MB maximum
PayloadTooLargeError: request entity too large
remote: error: File data.bin is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB
Request payload size exceeds the limit: 20971520 bytes.
413 Payload Too Large
Attachment of 31 MB exceeds the 25 MB upload limit

TOOL.RESULT_ORPHANED
messages.4.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_9. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.
Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.
No tool output found for function call call_abc.
Expected toolResult blocks at messages.2.content for the following Ids: tooluse_1
Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.
tool_call_ids did not have response messages: call_9
`tool_result` blocks can only be in `user` messages and must follow their `tool_use`
An assistant message with 'tool_calls' must be followed by tool messages

POLICY.CONTENT_FILTER
finish_reason: content_filter
Response was blocked. finish_reason: SAFETY
Your input image may contain content that is not allowed by our safety system. moderation_blocked
PromptBlocked: block_reason: PROHIBITED_CONTENT
Invalid prompt: your prompt was flagged as potentially violating our usage policy.
ResponsibleAIPolicyViolation: the prompt was filtered
Candidate was blocked due to SAFETY
Azure: content management policy triggered, jailbreak: filtered=false, hate: filtered=true

POLICY.PROMPT_INJECTION
Prompt Shields: jailbreak detected in user prompt
Blocked: tool output contains instructions that look like a prompt injection attack
Lakera guard flagged the input as prompt_attack
Prompt injection attempt found in fetched web page; content discarded

POLICY.SECRET_LEAK
remote: - GITHUB PUSH PROTECTION - Push cannot contain secrets
leaks found: 2
Detect secrets...........Failed: Potential secrets about to be committed to git repo!
PII detected in model response: email address
gitleaks: 3 commits scanned, WRN leaks found: 1
TruffleHog found 1 verified secret in the diff

POLICY.APPROVAL_REQUIRED
Tool call requires approval: bash
Claude requested permissions to use Bash, but you haven't granted it yet.
At least 1 approving review is required by reviewers with write access.
Waiting for human confirmation timed out: run needs approval
User denied permission for tool Bash
Review required: at least 2 approvals are needed before merging
Deployment is waiting for approval from the environment's reviewers

POLICY.GUARDRAIL_TRIPPED
OutputGuardrailTripwireTriggered: Guardrail PolicyCheck triggered tripwire
GuardrailIntervened: the guardrail intervened and masked the response
Hook PreToolUse:Bash blocked the tool call
Guardrail 'no_pii' rejected the output of step summarize
Output guardrail tripped: toxicity score 0.93

POLICY.FORBIDDEN_ACTION
This command requires network access, which is disabled in the sandbox
Access denied - path outside allowed directories: /etc/passwd not in /workspace
remote: error: GH006: Protected branch update failed for refs/heads/main.
Navigation to https://evil.example is not permitted by allowed_domains
Cannot execute INSERT in a read-only transaction
Command 'rm -rf /' is blocked by policy
cannot open network socket: sandbox denies outbound connections

LOOP.REPEATED_ACTION
Doom loop detected: the same tool call was issued 3 times in a row
I tried reusing the same input, I must stop using this action input.
Agent appears stuck: identical action repeated 5 times
The agent keeps calling read_file with identical input; stopping
Stuck in a loop: action click(12) was repeated 6 times

LOOP.STEP_LIMIT
AgentError: Reached max steps.
Maximum number of iterations (15) reached without final answer
Agent stopped due to max iterations.
RuntimeError: Agent reached maximum iterations of 20
autogen: Maximum number of turns 12 reached.
Agent exceeded max_turns=30
Reached max_iterations (25) without finishing
GraphRecursionError: Recursion limit of 50 reached without hitting a stop condition

TOOL.NOT_FOUND
Action 'web_search' don't exist, these are the only available Actions: lookup
Error: No such tool available: Grepp
openai_function 'foo' not found in functions list
MCP error -32601: Method not found
Model tried to call unavailable tool 'fetch'. Available tools: search.
Tool "websearch" is not a registered tool
Unknown tool name: 'calc'. Available tools: add, mul
The model called function 'lookup_order' which is not defined
No function named fetch_all registered for this assistant

TOOL.MCP_UNAVAILABLE
MCP server "files" failed to start: spawn uvx ENOENT
mcp.shared.exceptions.McpError: Connection closed
MCP client for `github` failed to start: handshaking with MCP server failed
MCP server postgres disconnected unexpectedly
Could not connect to MCP server at stdio: process exited before handshake
McpError: MCP error -32000: Connection closed
MCP server "jira" is offline

TOOL.BROWSER_TIMEOUT
TimeoutError: Timeout 30000ms exceeded. waiting for locator('#submit')
TimeoutError: Navigation timeout of 30000 ms exceeded
selenium.common.exceptions.TimeoutException: Message: timeout: Timed out receiving message from renderer: 300.000
Waiting for selector `.row` failed: 10000ms exceeded
page.waitForSelector: Timeout 5000ms exceeded.
Message: timeout: Timed out receiving message from renderer
net::ERR_ABORTED; page.goto: Timeout 60000ms exceeded

TOOL.BROWSER_CLOSED
Protocol error (Runtime.callFunctionOn): Target closed.
selenium.common.exceptions.NoSuchWindowException: Message: no such window: target window already closed
Page crashed!
WebDriverException: Message: disconnected: not connected to DevTools
Error: browserContext.newPage: Target page, context or browser has been closed
Session with given id not found: browser has disconnected

TOOL.BROWSER_ELEMENT
selenium.common.exceptions.StaleElementReferenceException: Message: stale element reference: element is not attached to the page document
ElementClickInterceptedException: Message: element click intercepted: Element is not clickable at point (120, 40)
Error: Node is either not clickable or not an Element
locator.click: Error: Element is outside of the viewport
elementHandle.click: Element is not attached to the DOM
ElementNotInteractableException: Message: element not interactable
Could not find element with selector "#login"
locator.fill: Error: strict mode violation: getByRole('textbox') resolved to 2 elements

MODEL.NOT_FOUND
The model `gpt-4.5-preview` has been deprecated, learn more here
openai.NotFoundError: Error code: 404 - {'error': {'code': 'DeploymentNotFound', 'message': 'The API deployment for this resource does not exist.'}}
404 models/gemini-pro is not found for API version v1beta, or is not supported for generateContent.
OSError: acme/bert is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'
not_found_error: model: claude-9
No endpoints found for acme/llm-9b.
litellm.NotFoundError: the model `foo` was not found
Invalid model name passed in model=acme-9. Call /v1/models to view available models.
Error: model "gemma:99b" not found, try pulling it first
The requested model 'foo-1' does not exist

MODEL.PARAM_UNSUPPORTED
Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.
litellm.UnsupportedParamsError: ollama does not support parameters: ['tools']
`temperature` and `top_p` cannot both be specified for this model.
"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set
No endpoints found that support image input
json_schema response format is not supported by this model
`top_k` is not supported for this model
This model does not support tool use in streaming mode.
Unknown parameter: 'reasoning_effort' is not supported with gpt-4o
This model doesn't support image inputs

MODEL.REFUSAL
I'm sorry, but I can't assist with that request.
stop_reason: refusal
ContentRefused: the model declined to answer
The model refused to fulfill the request
I cannot help with that request.

MODEL.OUTPUT_TRUNCATED
The response was truncated because max_tokens was reached
IncompleteOutputException: The output is incomplete due to a max_tokens length limit.
API Error: Claude's response exceeded the 32000 output token maximum.
finish_reason=length: output cut off
Response hit max_tokens before completing the JSON object
Output was cut off because the maximum number of output tokens was reached

MODEL.EMPTY_RESPONSE
IndexError: list index out of range: response.choices is empty
Received an empty message from the model
ValueError: No generations found in stream.
The `response.text` quick accessor requires the response to contain a valid `Part`, but none were returned.
LLM returned an empty response after 3 attempts
message content is null and no tool calls were made by the model
Gemini returned no candidates

MODEL.STREAM_BROKEN
Stream ended without producing a Message with role=assistant
stream closed before message_stop event
Error reading SSE stream: incomplete chunked encoding
stream idle timeout: no chunk received for 60 s
Stream terminated unexpectedly before [DONE]
Connection interrupted mid-stream: incomplete response received
SSE connection dropped in the middle of the response stream

SCHEMA.OUTPUT_PARSE
langchain_core.exceptions.OutputParserException: Invalid json output: Sure! Here is
JSONDecodeError: Extra data: line 2 column 1 (char 31)
Error in code parsing: Your code snippet is invalid, because the regex pattern was not found in it.
SyntaxError: Unexpected end of JSON input
Could not parse function call: malformed tool-call JSON from model
finish_reason: MALFORMED_FUNCTION_CALL
Expected JSON object in the model reply but found plain text
yaml.YAMLError while parsing the LLM answer
LLM answer is not valid JSON: Expecting property name enclosed in double quotes

SCHEMA.FIELD_UNKNOWN
Additional properties are not allowed ('depth' was unexpected)
extra fields not permitted (type=value_error.extra)
Unrecognized request argument supplied: functionz
msgspec.ValidationError: Object contains unknown field `foo`
Unrecognized key(s) in object: 'limit_'
unexpected property 'limit_' in object
unknown field "colour" in request body

SCHEMA.VALIDATION
pydantic_core._pydantic_core.ValidationError: 2 validation errors for Plan steps.0.title Input should be a valid string
ZodError: [{"code":"invalid_type","expected":"string","received":"undefined","path":["name"]}]
jsonschema.exceptions.ValidationError: 12 is not of type 'string'
marshmallow.exceptions.ValidationError: {'name': ['Missing data for required field.']}
msgspec.ValidationError: Expected `int`, got `str` - at `$.steps`
data/age must be integer (ajv)
ValidationError: steps: ensure this value has at least 1 items
Response does not match the required JSON schema: $.name must be string
2 validation errors for Answer: score Input should be less than or equal to 1

CONTEXT.RETRIEVAL_EMPTY
No documents found for query
Retriever returned 0 results
No relevant context was found in the knowledge base
No good DuckDuckGo Search Result was found
vector search returned no matches above the threshold
Knowledge base query gave 0 documents
search index returned zero hits

TOOL.EXEC_FAILED
Error: Command failed: git push origin HEAD
The tool call ended with exit code 2
Traceback (most recent call last): File "run.py", line 3, in <module> ZeroDivisionError: division by zero
Error executing tool search: 'NoneType' object has no attribute 'get'
MCP error -32603: Internal error
Command exited with non-zero status 3
Tool run_tests raised ValueError('boom')

DELIVERY.CHANNEL_INVALID
telegram.error.BadRequest: Chat not found
discord.errors.NotFound: 404 Not Found (error code: 10003): Unknown Channel
is_archived
Forbidden: bot was kicked from the supergroup chat
slack: channel_is_archived
Slack channel #ops-alerts not found

DELIVERY.WEBHOOK_FAILED
Webhook delivery failed: endpoint returned 500
stripe.error.SignatureVerificationError: No signatures found matching the expected signature for payload
no_service: the incoming webhook URL has been revoked
Webhook signature could not be verified

DELIVERY.REJECTED
smtplib.SMTPRecipientsRefused: {'a@example.com': (550, b'5.1.1 User unknown')}
telegram.error.BadRequest: Message is too long
discord: 400 Bad Request (error code: 50035): Invalid Form Body In content: Must be 2000 or fewer in length.
msg_blocks_too_long
550 5.7.1 Message rejected due to content restrictions
mail to a@b.example bounced

DELIVERY.DUPLICATE
Message with this idempotency key was already sent
Duplicate comment detected: the same review was posted twice
Comment was posted twice on pull request 12

USER.CANCELLED
^C Aborted by user
[Request interrupted by user for tool use]
rpc error: code = Canceled desc = context canceled
GenerationCancelled: stopped by user
AbortError: This operation was aborted
Interrupted by user (Ctrl+C)
asyncio.exceptions.CancelledError: run cancelled by caller
Operation cancelled by the user

CIRCUIT.OPEN
CallNotPermittedException: CircuitBreaker 'llm' is OPEN and does not permit further calls
no healthy upstream
All providers failed or are in cooldown
Provider temporarily disabled after 5 consecutive failures
circuit breaker is open; request to provider rejected
No available providers: all deployments in cooldown
circuit breaker tripped for provider openai

NET.UPSTREAM_5XX
requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://a.example
upstream connect error or disconnect/reset before headers. reset reason: connection termination
anthropic.InternalServerError: Error code: 500 - {'type': 'error', 'error': {'type': 'api_error', 'message': 'Internal server error'}}
500 INTERNAL. An internal error has occurred. Please retry
<html><head><title>502 Bad Gateway</title></head>
error code: 522
We're having trouble serving your request. Unicorn! 503
HTTPStatusError: Server error '502 Bad Gateway' for url 'https://api.example.com'
HTTP 500 Internal Server Error
Service Unavailable (503) from upstream
bad gateway returned by the load balancer

NET.PROXY
requests.exceptions.ProxyError: HTTPSConnectionPool: Max retries exceeded (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden')))
curl: (56) Received HTTP code 407 from proxy after CONNECT
net::ERR_PROXY_CONNECTION_FAILED
socksio: Socks5 proxy server could not connect: connection not allowed by ruleset
Proxy authentication required (407)
ProxyConnectionError: Couldn't connect to proxy 10.0.0.1:3128
407 Proxy Authentication Required
""".strip().split("\n\n")
    for message in block.split("\n")[1:]
)
