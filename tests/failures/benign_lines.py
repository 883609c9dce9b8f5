"""Log lines that report no failure, though they speak of errors, limits, timeouts and retries: none may get a code."""

BENIGN_LINES: tuple[str, ...] = tuple(
    """\
Server started on http://0.0.0.0:8080
Listening on port 5432
Connected to the database in 12 ms
Connection established to redis at cache-1:6379
Connection pool initialised with 20 connections
Connection closed normally after 40 messages
WebSocket connection opened for session 81
TLS 1.3 negotiated with cipher AES256
Certificate renewed, valid until 2027-01-01
Token refreshed, expires in 3600 s
API key loaded from the vault
Authenticated as service account reporter
Login of user 81 accepted
Permission check passed for role editor
Access granted to project alpha
Request completed in 120 ms with status 200
GET /health 200 3ms
POST /v1/chat/completions 200 OK
HTTP/1.1 204 No Content
Response received: 512 tokens
Request timeout set to 30 s
Using a timeout of 60 seconds for tool calls
Rate limit: 4999 of 5000 requests remaining
Rate limit window resets in 12 s
Retry policy: 3 attempts with exponential backoff
Retrying is disabled for this step
Max retries set to 5
Quota usage at 40 percent
Budget of $20 allotted to the run, $3.10 spent
Cost so far: $0.12
Context window 128000 tokens, 12 percent in use
Prompt has 812 tokens
Prompt cache hit for 4096 tokens
Model gpt-4o-mini selected for the summary step
Model loaded in 3.2 s
Streaming response, chunk 12 of 40
Stream finished with 812 tokens
finish_reason=stop
Tool search_web called with 2 arguments
Tool search_web returned 12 results in 300 ms
Tool call fetch_page completed
Registered 14 tools from server files
MCP server files ready with 6 tools
Browser launched with viewport 1280x720
Page loaded in 1.3 s
Clicked on element #submit
Navigated to the checkout page
Screenshot saved
Agent planner took step 3 of 30
Iteration 4: plan updated
Turn 2 of 10
Task accepted: summarise the weekly report
Run r-1812 started
Run r-1812 finished in 31 s
Step load_orders succeeded
Job nightly_refresh queued
Job nightly_refresh completed successfully
Workflow build triggered by push
Pipeline 812 passed in 4 minutes
Scheduler heartbeat ok
Worker 3 ready
Worker pool scaled to 8
Next tick at 06:00
Schedule daily_refresh turned on
Materialized asset orders with 4000 rows
12 assets materialized
Sensor evaluated, nothing to do
0 errors, 0 warnings
Found 0 errors in 112 files
No errors found
Error count: 0
Build finished with 0 failures
All checks passed!
43 passed in 1.20s
Ran 112 tests in 8.1s
OK (skipped=2)
Tests passed: 112
Coverage is 91 percent, above the threshold of 85
Type check clean
ruff 0.9.1 is installed
4 files left unchanged
Compiling 12 modules
Compiled in 3.4 s
Bundle size 312 kB
Linking target app
Build cache hit
Docker image built: app:1812
Pulling image from the registry
Image pulled in 12 s
Container web started
Container web is healthy
Pod web-7 scheduled on node-3
Node node-3 joined the cluster
Deployment rolled out
Sandbox ready in 900 ms
Sandbox session 81 created
Checked out revision 4f2a91c
Fetched 12 objects from origin
Branch main is up to date
Merged pull request 81
Rebase finished
Resolved 112 packages in 1.2 s
Installed 14 packages
Requirement already satisfied: requests in ./venv
Dependencies are up to date
Lock file written
Database migration 12 applied
Table runs created
Column price added to table orders
4000 rows inserted
Query returned 12 rows in 3 ms
Transaction committed
Lock acquired in 3 ms
Lock released
Checkpoint written at step 400
Session restored from checkpoint 12
Conversation history holds 14 messages
Memory usage 512 MB of 2048 MB
Heap size 120 MB
Disk usage 41 percent
Free space: 40 GB
File notes.txt written
Reading config from app.toml
Configuration loaded
Environment variable LOG_LEVEL is debug
Feature flag fast_path enabled
Loaded 12 documents
Retrieved 8 passages for the query
Index built with 4000 vectors
Search took 30 ms
Parsed 12 records
Validated 4000 rows against the schema
Schema version 12
JSON written to out.json
Output saved to results.csv
Uploaded 3 files
Download finished: 12 MB
Checksum verified
Archive unpacked
Message sent to channel #reports
E-mail delivered to 3 recipients
Webhook acknowledged
Notification queued
User approved the change
Approval received from reviewer
Guardrail check passed
Policy loaded with 12 rules
Content filter is on
No secrets found in 112 files
Circuit breaker closed
Failover test scheduled for Sunday
Error handling documentation generated
Exception handler registered
Failure rate over the last hour: 0.0 percent
Timeouts in the last hour: 0
Cancel button rendered
Shutdown hook registered
Graceful shutdown complete
Process exited with code 0
Command finished with exit code 0
exit status 0
Killed no jobs; queue is empty
Cleaning up temporary files
Cache cleared
Metrics flushed
Tracing enabled, exporter otlp
Log level set to INFO
Health check ok
Ping 3 ms
Backup completed
Snapshot 12 published
Export finished with 400 examples
Seed set to 42
Epoch 3 of 10, loss 0.41
GPU 0: 41 percent utilised
DNS cache warmed
Proxy configured for the internal network
Resuming from step 12
Waiting for the next message
Polling every 5 s
Idle for 30 s
User opened the settings page
Deprecated option ignored
Dry run: nothing was changed
Skipping 3 files that did not change
Progress 40/100
Thinking about the next step
Answer drafted in 3 paragraphs
Summary: the report covers 12 weeks
The error budget of the service stands at 99.95 percent
Documentation of error codes is at /docs/errors
Loaded 14 error templates
Retry succeeded on attempt 2
Recovered after reconnecting
Reconnected to the broker
Fallback model not needed
Limits: 30 steps, 10 minutes
Token usage: input 812, output 50
Rotating logs at 100 MB
Registered task app.sync
Task app.sync received
Deadlock detector started
Duplicate detection enabled
Permission model loaded
Quota reset at midnight
Certificate pinned for api.example.com
Request queue length 4
Queue drained
Throughput 120 requests per second
p95 latency 340 ms
Memory limit set to 4 GB
Maximum of 3 concurrent runs configured
Autoscaler idle
Spot price checked
Node pool has 3 nodes
Lint started on 112 files
Formatting 12 files
Snapshot testing enabled
Branch protection is on
Refund policy retrieved
Customer asked about a cancelled order
Order 812 was cancelled on request of the customer and refunded
Flight search for Tuesday took 2 s
The user wants to know the exchange rules
Server started on port 8080
GET /healthz 200 OK 2ms
Epoch 3/10 loss=0.213 acc=0.94
Worker pool resized from 4 to 8
Using cached torch-2.1.0-cp311-cp311-linux_x86_64.whl
Successfully installed numpy-2.0.0 pandas-2.2.1
Compiling serde v1.0.200
Finished dev [unoptimized + debuginfo] target(s) in 4.21s
12 passed, 1 skipped in 3.44s
All checks have passed
No vulnerabilities found
Retry budget: 3 attempts remaining
Rate limit: 4980 of 5000 requests remaining
Token refreshed, expires in 3600 seconds
Session resumed for user 42
Connection pool initialised with 10 connections
Database migration 0042 applied
Cache hit ratio 0.93
Model gpt-4o selected for routing
Prompt tokens: 1204, completion tokens: 233
Tool search_web returned 5 results in 820 ms
Agent finished task in 12 steps
Checkpoint saved to /data/ckpt/000100
Uploading artifact build.zip (12 MB)
Disk usage at 54 percent
Memory usage: 1.2 GiB of 4 GiB
Heartbeat received from worker-3
Leader elected: node-2
Scheduled job sync-users for 02:00 UTC
Job 113 completed in 3m12s
Backup completed without errors
0 warnings, 0 errors
Branch 'feature/x' set up to track remote branch
Merge made by the 'ort' strategy
Pulling image acme/app:1.2
Status: Image is up to date for acme/app:1.2
pod/agent-7d9 created
deployment.apps/agent configured
Page loaded: https://example.com (title: Example)
Clicked button "Submit"
Screenshot saved to /tmp/shot.png
User approved the command
Permission granted for tool bash
Guardrail checks passed
Budget: $1.20 of $10.00 used
Context window usage 43%
Retrieved 8 documents from index
Webhook delivered to https://hooks.example.com in 120 ms
Message posted to #general
Email sent to 3 recipients
Validation passed for 120 rows
Schema version 12 is current
Loaded 3 MCP servers: github, jira, slack
Listening for events on queue jobs
Circuit breaker closed, traffic restored
Failover test finished, primary is back
Timeouts configured: connect 5s, read 30s
Error budget for July: 99.2 % remaining
Error handler registered for /api
Starting retry middleware with 3 attempts
Exception tracking enabled (sentry)
Using exponential backoff for failed requests
Fallback model set to gpt-4o-mini
Skipping optional dependency check
TLS certificate valid until 2027-01-01
Secrets loaded from vault
API key loaded from environment
Loading configuration from config.yaml
Config reloaded, no changes
Lock acquired on jobs table
Garbage collection took 12 ms
OOM score adjusted to -500
Kill switch is off
Rejected 0 rows, accepted 1200
Test suite started with 412 tests
Collected 412 items
Coverage 92 percent
Linting 34 files
Formatted 3 files
Type checking done in 4.1 s
Build 1234 succeeded
Deploying revision abc123 to production
Health check passed for all 3 instances
Rolling update: 2 of 3 replicas updated
DNS cache refreshed with 14 entries
Proxy configured: http://proxy:3128
Connection from 10.0.0.5 accepted
Stream opened for session 9f
Stream closed normally after 33 chunks
Request aborted count: 0
Timeout set to 60 seconds
Max tokens: 4096
Agent loop iteration 4
Step 3 of 12: searching the web
Resuming run from checkpoint 12
Invalid rows: 0
Reconnecting to the event stream in 2 seconds
Session restored from snapshot 12
Fetched 20 issues from GitHub
Indexing 1,204 documents
Embedding batch 3/12 done
Vector store has 5321 entries
LLM call finished: 1.8 s, $0.0042
Tool call read_file(path=README.md) ok
Plan created with 5 steps
Plan step 2 complete
Subagent researcher started
Handing off to writer agent
Agent is waiting for user input
User input received
Memory updated with 2 facts
Conversation compacted from 120k to 30k tokens
Streaming response started
First token after 380 ms
Output parsed as JSON
Response validated against schema Plan
Browser launched (chromium 120)
Navigated to https://docs.python.org
Element #login found
Form submitted
Downloaded report.pdf (2.1 MB)
File notes.md written, 34 lines
Directory /tmp/work created
Permission mode: acceptEdits
Sandbox ready in 2.1 s
Sandbox stopped after task end
Kernel idle
Docker daemon 24.0.7 detected
Image acme/app cached
Scaling from 3 to 5 replicas
Node ip-10-0-1-2 joined the cluster
Volume mounted at /data
Cron schedule loaded: 0 2 * * *
Next run at 2026-03-02T02:00:00Z
Asset orders materialized
Partition 2026-03-01 backfilled
dbt run finished: 12 models, 0 errors
Query returned 120 rows in 0.4 s
Index created on runs(agent_id)
Vacuum finished
Replication lag 12 ms
Connected to redis at localhost:6379
Published message to topic runs
Consumer group rebalanced
Offset committed at 1204
npm notice created a lockfile as package-lock.json
added 120 packages in 4s
pip is looking at multiple versions of boto3
Resolving dependencies
Running ruff check
Success: no issues found in 41 source files
ok  	github.com/acme/app	0.412s
test result: ok. 12 passed; 0 failed; 0 ignored
PASS src/app.test.js
Checking out branch main
Already up to date.
On branch main, nothing to commit
Pull request #12 opened
Review requested from @ann
CI run 991 queued
Runner gha-3 picked up the job
Cache restored from key deps-12
Artifact retention set to 30 days
Certificate renewed for api.example.com
Signing key rotated
User ann logged in
OAuth flow completed
API key created for project demo
Quota: 120 of 1000 requests used today
Rate limiter configured at 60 rpm
Request queued behind 2 others
Retry-After header honoured, waiting 2 s
Request succeeded after 2 attempts
Timeout raised to 120 s for uploads
Feature flag new-router enabled
Fallback not needed
Dead letter queue is empty
No pending approvals
Policy bundle v12 loaded
Content filter set to medium
Audit log rotated
Metrics exported to prometheus
Trace exported: 42 spans
Shutdown requested, draining 3 connections
Goodbye
symlink created: latest -> build-12
gitleaks scan finished
Content-Type header set to application/json
sequence length 2048, batch size 8
Using GLIBC 2.36
Host key for github.com added to known hosts
Loading checkpoint shards: 100%
xpath selector compiled
install the extras with pip install acme[all] for more features
Path traversal checks enabled
Corruption check passed
certificate verification on
Concurrency limit is 8
Model context length: 128000
Request timeout: 60s
Retry policy: exponential, max 5 attempts
Deadlock detection interval 1s
The runner is idle
Node.js v20.11.0
kubelet: image garbage collection done
Applying migration 12 of 14
Cleaning workspace
Killing stale browser sessions (0 found)
Token usage this turn: 12,034
Budget guard armed at $5.00
Circuit breaker half-open, probing
Redis pool size 20
Queue depth 14
Dropping privileges to user app
Running as non-root user
Readiness probe ok
Terminated idle connections: 0
Duplicate check: 0 duplicates
Unit tests: 44/44
Approval received from ann
Secrets manager client ready
Prompt template v3 in use
Tool registry has 14 tools
Skipping tests that need a GPU
Skipped 3 files that have not changed
Deleted 12 expired sessions
Expired keys purged from cache
Old log files removed
Rate limit window reset
Quota refreshed for project demo
Context budget: 64k tokens
Fallback chain: gpt-4o -> claude -> llama
Loop started with interval 30 s
Max iterations: 15
Interrupt handler installed
Cancelled subscriptions report generated
Wrote crash-reporter config
Error page template loaded
0 of 12 requests failed
No failed jobs in queue
Failed login lockout set to 5 tries
Warning threshold 80 percent
Test coverage 91.2% (threshold 80%)
Linter configuration found in pyproject.toml
Agent run 42 created for task fix-login
Sending 3 messages to claude-sonnet
Received completion: 412 tokens, stop_reason=end_turn
finish_reason: stop
Executing tool bash: ls -la
bash exited with 0
Committed 2 files
Tests green on branch fix/login
Opened PR #441
Waiting for CI
CI passed
Merged into main
Tearing down environment
Usage report: 12,034 in, 1,200 out
Sandbox i-123 booted in 1.9 s
Reading config from /etc/agent.yaml
Environment variable LOG_LEVEL=info
Registered 12 tools
Connecting to MCP server github at stdio
MCP handshake complete
Subscribed to topic events
Polling for new tasks every 5 s
Claimed task 991
Task 991 done in 33 s
Ack sent
Flushing 120 spans
Materialized 14 assets
Freshness policy satisfied
Partition 2026-03-01 is up to date
Sensor tick evaluated, nothing to do
Schedule tick at 02:00
Compiling model agent_runs
1 of 12 OK created table agent_runs
Found 12 models, 30 tests
Concurrency: 4 threads
Vacuuming database
Analyzed 12 tables
Primary elected
Slow query log enabled
Query plan cached
Opening browser
Closing browser
Typing into field #email
Scrolled to bottom
Cookies accepted
POST /v1/messages 200 1.2s
GET /v1/models 304
TLSv1.3 negotiated with api.example.com
Resolved api.example.com to 203.0.113.9
Keep-alive connection reused
Compressing logs older than 7 days
Rotated 3 log files
Warming cache
Warm start in 40 ms
Cold start in 900 ms
Autoscaler: desired 3, current 3
Secret my-key mounted
ConfigMap updated
Ingress synced
Helm release agent upgraded to 1.4.2
terraform apply complete: 3 added, 0 changed, 0 destroyed
Downloading model weights 4.1 GB
GPU 0: 34% utilisation, 12 GiB in use
loss 0.12 at step 400
Evaluation finished: accuracy 0.91
Saved best checkpoint
Dataset has 12,000 examples
Tokenizer loaded
Dry run: nothing written
Backfill from 2026-01-01 to 2026-02-01 queued
Alert resolved: latency back to normal
On-call acknowledged page
Incident 12 closed
Runbook opened by ann
Feature rollout at 50 percent
Canary healthy for 30 minutes
Traffic shifted to v2
Old pods drained
No runners are offline
Set retry limit to 5 for all http clients
0 tests failed, 212 passed
Budget check ok: 12 % of the team limit used
Sandbox recycled after idle period
The rate limiter admitted 40 requests this minute
Nothing to commit, working tree clean
Certificate valid for another 82 days
Lock acquired on table runs in 2 ms
Worker 4 joined the pool
Timeout for tool calls is 60 s
Fallback model is configured but was not needed
No retries were necessary
Found 12 documents for the query
Container image is cached, skipping pull
Token count: 812 of 128000
Stream completed with finish reason stop
Session 81 resumed with 14 messages
Skipping validation because the schema is unchanged
Garbage collected 12 expired sessions
Error budget remaining: 99.2 %
Closing idle connection 12
Exit status 0
Heartbeat sent to the scheduler
Rotated API key for service reporter
Approval granted by alice
Response validated against schema v3
Job nightly skipped because nothing changed
Connection to cache-1 established on first attempt
Proxy settings loaded from environment
Permission to read bucket confirmed
Deadlock detection is enabled
Crash reporter initialised
Queue is empty, waiting for work
Found no duplicate rows in 1,204 records
Memory usage 61 %, limit 8 GiB
The circuit breaker for provider openai is closed
Merged pull request 81 without conflicts
Ignoring 3 warnings from the linter as configured
User asked: why did my build fail?
Guardrail pii_check passed in 4 ms
Model declined to use any tool and answered directly
Loaded 108 failure codes
Disk has 41 GB free
Reconnect succeeded
Step limit is 40, used 12
Max retries: 3
DNS cache primed with 12 names
Test suite finished in 31 s
Snapshot 12 has no unmapped fields
Dropped temporary table t_81
Killed time: 0 ms
Password changed for user app
Fetch of page 3 returned 200
Run 81 ended: success
TLS session resumed
Blocked time in scheduler: 3 ms
""".splitlines()
)
