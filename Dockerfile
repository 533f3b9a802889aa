# A node in a container. Build: docker build -t presence-tracker .   How to run it: docs/OPERATIONS.md.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish PresenceTracker.Host -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
COPY config config

# Within a container every interface is the container's own. Beyond loopback the node starts only with PRESENCE_API_KEY or
# PRESENCE_INSECURE=true, and needs the name that other nodes reach it by: PRESENCE_NODE_PUBLIC_HOST.
# The base image's own port would be overruled, with a warning.
ENV PRESENCE_URLS=http://0.0.0.0:5000 \
    PRESENCE_NODE_HOST=0.0.0.0 \
    ASPNETCORE_HTTP_PORTS=
USER $APP_UID
EXPOSE 5000 4053

# The image has no HTTP client, but bash can open a connection.
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5000 && printf 'GET /health/ready HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["dotnet", "PresenceTracker.Host.dll"]
